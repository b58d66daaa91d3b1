#!/bin/bash
# Makes an archive of the ZooKeeper server of this machine, again and again. Follows role/ask.sh, questions.sh and
# position.sh.
# Arguments: the server's address; PORT; the directories of its snapshots and of its logs; the directory of the archives;
# the time between two archives, in minutes; how many are kept. In the environment: CLUSTER, ENSEMBLE, NAME (the
# machine's) and SERVERS, which the manifest has; it is that of operations/backup/manifest.py.
# Prints a line for each archive, and why there is none.
backups() {
    local address=$1 data=$3/version-2 logs=$4/version-2 directory=$5 minutes=$6 keep=$7 why
    export PORT=$2
    trap 'exit 0' TERM
    umask 077
    find_limit || exit 1
    while true; do
        if due; then
            why=$(archive 2>&1) && prune
            echo "$why"
            # shellcheck disable=SC2153 # NAME is in the environment
            rm -rf "$directory/.part-$CLUSTER-$NAME"
        fi
        # The trap runs only while `wait` waits.
        sleep 60 & wait $!
    done
}

# The archives of this machine, oldest first: a name ends with the time.
archives() {
    # shellcheck disable=SC2153 # NAME is in the environment
    find "$directory" -maxdepth 1 -name "$CLUSTER-$NAME-[0-9]*T[0-9]*Z.tar.gz" | sort
}

due() {
    local newest
    newest=$(archives | tail -n 1)
    [ -z "$newest" ] || [ -n "$(find "$newest" -mmin "+$((minutes - 1))")" ]
}

prune() {
    local count
    count=$(($(archives | wc -l) - keep))
    [ "$count" -le 0 ] || archives | head -n "$count" | while read -r old; do rm -f "$old"; done
}

fail() { echo "no backup: $1" && exit 1; }

# number <file>: the zxid in the name of a snapshot or log.
number() {
    local name=${1##*/}
    name=${name#*.}
    echo $((16#${name%%.*}))
}

# whole <snapshot>: whether it is complete. Its last bytes are the path "/" with its length (SnapStream).
whole() {
    case $1 in
        *.gz) gzip -t "$1" ;;
        *) [ "$(tail -c 5 "$1" | od -A n -t x1 | tr -d ' \n')" = 000000012f ] ;;
    esac
}

# newest: the path of the newest whole snapshot.
newest() {
    local file found='' zxid highest=-1
    for file in "$data"/snapshot.*; do
        [ -f "$file" ] || continue
        zxid=$(number "$file")
        if [ "$zxid" -gt "$highest" ] && whole "$file"; then found=$file highest=$zxid; fi
    done
    echo "$found"
}

archive() {
    local part=$directory/.part-$CLUSTER-$NAME zxid='' release='' mode='' snapshot file line first=0 time made name size
    local files=(manifest.json) zxid_of_log
    while IFS='=' read -r name line; do
        case $name in
            zxid) zxid=$line ;;
            release) release=$line ;;
            mode) mode=$line ;;
        esac
    done <<< "$(asked position "$address" 2> /dev/null)"
    [ -n "$zxid" ] || fail "the server does not serve"
    rm -rf "$part"
    mkdir -p "$part/zookeeper/data/version-2" "$part/zookeeper/log/version-2" || fail "$directory cannot be written"
    # What a server has applied may reach its disk a moment later.
    sleep 2
    snapshot=$(newest)
    [ -n "$snapshot" ] || fail "there is no whole snapshot in $data"
    cp "$snapshot" "$part/zookeeper/data/version-2/" || fail "$snapshot cannot be copied"
    # The logs that begin before the snapshot reach into it; all but the last of these are not needed.
    for file in "$logs"/log.*; do
        [ -f "$file" ] || continue
        zxid_of_log=$(number "$file")
        [ "$zxid_of_log" -gt "$(number "$snapshot")" ] || [ "$zxid_of_log" -le "$first" ] || first=$zxid_of_log
    done
    for file in "$logs"/log.*; do
        [ -f "$file" ] || continue
        [ "$(number "$file")" -ge "$first" ] || continue
        cp "$file" "$part/zookeeper/log/version-2/" || fail "$file cannot be copied"
    done
    # In this order, and after the logs: the current epoch must not be older than the last transaction.
    for file in "$data/currentEpoch" "$data/acceptedEpoch"; do
        [ ! -f "$file" ] || cp "$file" "$part/zookeeper/data/version-2/" || fail "$file cannot be copied"
    done
    [ "$(newest)" = "$snapshot" ] || fail "the server took a snapshot during the copy"
    made=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    time=${made//[-:]/}
    for file in "$part"/zookeeper/*/version-2/*; do files+=("${file#"$part/"}"); done
    manifest "${files[@]:1}" > "$part/manifest.json" || fail "$directory cannot be written"
    name=$CLUSTER-$NAME-$time.tar.gz
    tar -C "$part" -czf "$part/$name" "${files[@]}" || fail "$directory cannot be written"
    for file in "${files[@]}"; do
        [ "$(tar -xzOf "$part/$name" "$file" | sha256sum)" = "$(sha256sum < "$part/$file")" ] ||
            fail "$file in the archive differs"
    done
    sync
    mv "$part/$name" "$directory/$name" || fail "$directory cannot be written"
    size=$(wc -c < "$directory/$name")
    echo "$name: up to $zxid, $size bytes"
}

# manifest <file> …
manifest() {
    local file servers=() comma=''
    # shellcheck disable=SC2153 # the caller's
    for file in $SERVERS; do servers+=("\"$file\""); done
    printf '{"format": 1, "raw": true, "cluster": "%s", "ensemble": "%s", "made": "%s", "release": "%s",\n' \
        "$CLUSTER" "$ENSEMBLE" "$made" "$release"
    printf '"zxid": "%s", "acknowledged": "%s", "source": "%s", "mode": "%s", "servers": [%s],\n' \
        "$zxid" "$zxid" "$NAME" "$mode" "$(IFS=, && echo "${servers[*]}")"
    printf '"pins": {}, "agents": null, "parts": {'
    for file in "$@"; do
        printf '%s\n"%s": {"size": %s, "sha256": "%s", "owner": [0, 0]}' "$comma" "$file" \
            "$(($(wc -c < "$part/$file")))" "$(sha256sum < "$part/$file" | cut -d ' ' -f 1)"
        comma=,
    done
    echo '}}'
}
backups "$@"
