#!/bin/bash
# Makes an archive of the ZooKeeper server of this machine. Follows role/ask.sh, questions.sh and position.sh; before
# backups.sh or before_roll.sh. In the environment: PORT, the server's; CLUSTER, ENSEMBLE, NAME (the machine's) and
# SERVERS, which the manifest has; it is that of operations/backup/manifest.py.

# What is left free, in KiB: what a server reserves for the next log (ZooKeeper administrator's guide, preAllocSize). The
# archives may be on the disk of the server's data.
SPARE_KIB=65536

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

# newest <directory>: the path of the newest whole snapshot.
newest() {
    local file found='' zxid highest=-1
    for file in "$1"/snapshot.*; do
        [ -f "$file" ] || continue
        zxid=$(number "$file")
        if [ "$zxid" -gt "$highest" ] && whole "$file"; then found=$file highest=$zxid; fi
    done
    echo "$found"
}

# room <directory> <file> …: whether the directory has space for copies of the files, and for the archive of them.
room() {
    local directory=$1 file needed=$SPARE_KIB size free
    shift
    for file in "$@"; do
        # A log has reserved space, which a copy may fill. In the archive it takes none.
        read -r size _ < <(du -k "$file")
        needed=$((needed + $(wc -c < "$file") / 1024 + size))
    done
    read -r _ _ _ free _ < <(df -Pk "$directory" | tail -n 1)
    [ "$free" -ge "$needed" ] && return
    echo "$((free / 1024)) MiB are free, and it needs $((needed / 1024))"
    return 1
}

# archive <address> <directory of snapshots> <directory of logs> <directory of archives> <directory for an archive that is
# not complete yet>: prints a line with the name of the archive, or why there is none. Call it in a subshell.
archive() {
    local address=$1 data=$2 logs=$3 directory=$4 part=$5
    local zxid='' release='' mode='' snapshot file line first=0 time made name size why
    local files=(manifest.json) zxid_of_log chosen=()
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
    snapshot=$(newest "$data")
    [ -n "$snapshot" ] || fail "there is no whole snapshot in $data"
    # The logs that begin before the snapshot reach into it; all but the last of these are not needed.
    for file in "$logs"/log.*; do
        [ -f "$file" ] || continue
        zxid_of_log=$(number "$file")
        [ "$zxid_of_log" -gt "$(number "$snapshot")" ] || [ "$zxid_of_log" -le "$first" ] || first=$zxid_of_log
    done
    for file in "$logs"/log.*; do
        [ -f "$file" ] || continue
        [ "$(number "$file")" -ge "$first" ] || continue
        chosen+=("$file")
    done
    why=$(room "$directory" "$snapshot" "${chosen[@]}") || fail "the directory of the archives is full: $why"
    cp "$snapshot" "$part/zookeeper/data/version-2/" || fail "$snapshot cannot be copied"
    for file in "${chosen[@]}"; do
        cp "$file" "$part/zookeeper/log/version-2/" || fail "$file cannot be copied"
    done
    # In this order, and after the logs: the current epoch must not be older than the last transaction.
    for file in "$data/currentEpoch" "$data/acceptedEpoch"; do
        [ ! -f "$file" ] || cp "$file" "$part/zookeeper/data/version-2/" || fail "$file cannot be copied"
    done
    [ "$(newest "$data")" = "$snapshot" ] || fail "the server took a snapshot during the copy"
    made=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    time=${made//[-:]/}
    for file in "$part"/zookeeper/*/version-2/*; do files+=("${file#"$part/"}"); done
    manifest "$part" "${files[@]:1}" > "$part/manifest.json" || fail "$directory cannot be written"
    # shellcheck disable=SC2153 # NAME is in the environment
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

# manifest <directory> <file> …
manifest() {
    local part=$1 file servers=() comma=''
    shift
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
