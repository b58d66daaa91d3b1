#!/bin/bash
# Lists, adds and removes the keys that may log in as this user.
# Arguments: `list`; `add` or `remove` with lines of public keys; `restore`, which undoes the last `remove`; `keep`, which
# makes it final. A key is the same if its base64 part is, whatever options and comment a line has.
set -eu
file=~/.ssh/authorized_keys
before=$file.cdktf-mesos-before

# key_of <line of a public key>: its base64 part.
key_of() { cut -d ' ' -f 2 <<< "$1"; }

# lines: the lines of the file that are keys.
lines() { [ ! -e "$file" ] || grep -Ev '^[[:space:]]*(#|$)' "$file" || true; }

# has_key <line of the file> <base64>
has_key() { [[ " ${1//$'\t'/ } " == *" $2 "* ]]; }

# is_there <line of a public key>
is_there() {
    local line
    while read -r line; do
        ! has_key "$line" "$(key_of "$1")" || return 0
    done < <(lines)
    return 1
}

# add <line> …
add() {
    local line new
    umask 077
    mkdir -p ~/.ssh
    new=$(mktemp "$file.XXXXXX")
    [ ! -e "$file" ] || cat "$file" > "$new"
    # The last line of the file may have no end.
    [ -z "$(tail -c 1 "$new")" ] || echo >> "$new"
    for line in "$@"; do
        is_there "$line" || echo "$line" >> "$new"
    done
    mv "$new" "$file"
}

# remove <line> …: refuses to remove the last key.
remove() {
    local line key new left=0
    umask 077
    new=$(mktemp "$file.XXXXXX")
    while IFS= read -r line || [ -n "$line" ]; do
        for key in "$@"; do
            ! has_key "$line" "$(key_of "$key")" || continue 2
        done
        echo "$line" >> "$new"
        [[ $line =~ ^[[:space:]]*(#|$) ]] || left=$((left + 1))
    done < "$file"
    if [ "$left" = 0 ]; then
        rm "$new"
        echo "no key would be left in $file" >&2
        exit 1
    fi
    cp -p "$file" "$before"
    mv "$new" "$file"
}

case $1 in
    list) lines ;;
    add) add "${@:2}" ;;
    remove) remove "${@:2}" ;;
    restore) mv "$before" "$file" ;;
    keep) rm -f "$before" ;;
esac
