#!/bin/bash
# Changes a machine, and notes how to undo each change. Comes before host/prepare_steps.sh.
# In the environment: NAME, before each line, may be empty. The output of commands goes to file descriptor 3.

STATE=/var/lib/cdktf-mesos-host         # what was changed, and the files as they were before
# shellcheck disable=SC2034 # host/prepare.sh and aws/host.sh read them
mode=apply changed=no step="" reason=""

say() { echo "${NAME:+$NAME: }$*"; }
# shellcheck disable=SC2034
die() { reason="${NAME:+$NAME: }$1"; exit 1; }

# left <what> <why, and what to do>: says what is not as it should be, and is not changed.
left() { say "left: $1: $2"; }

# change <what> <how to undo it> <command> ...: runs the command, and notes what it has changed. In a plan it only says
# what it would change.
change() {
    local what=$1 undo=$2; shift 2
    # shellcheck disable=SC2034
    changed=yes
    if [ "$mode" = plan ]; then say "would: $what"; return; fi
    "$@" >&3 2>&3
    mkdir -p "$STATE"
    printf '%s\n' "$(date -u +%FT%TZ) did: $what" "    undo: $undo" >> "$STATE/changes"
    say "did: $what"
    say "undo: $undo"
}

# place <file> [<command> ...]: gives the file the text of standard input. If that changes it, the command runs.
place() {
    local file=$1 text undo; shift
    text=$(cat)
    if [ -e "$file" ] && [ "$(< "$file")" = "$text" ]; then return; fi
    undo="rm $file"
    if [ -e "$file" ]; then undo="cp -p $STATE/before$file $file"; fi
    change "write $file" "$undo${*:+ && $*}" put "$file" "$text" "$@"
}

# put <file> <text> [<command> ...]: writes the file at once, keeps the one from before, and runs the command.
put() {
    local file=$1 text=$2; shift 2
    mkdir -p "$(dirname "$file")" "$(dirname "$STATE/before$file")"
    if [ -e "$file" ]; then cp -p "$file" "$STATE/before$file"; fi
    printf '%s\n' "$text" > "$file.new"
    mv "$file.new" "$file"
    "$@"
}

# retry <seconds> <command> ...: repeats the command until it succeeds.
retry() {
    local deadline=$((SECONDS + $1)); shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 2
    done
}
