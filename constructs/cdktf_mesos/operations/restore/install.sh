#!/bin/bash
# Puts the files of an archive into a ZooKeeper server's empty directories, in a container of the server's image. Comes
# after role/ask.sh.
# Arguments: check, or install; the server's address; PORT; its id; the directories of its snapshots and of its logs. In
# the environment: SUMS, a line `<sha256> data/<name>` or `<sha256> log/<name>` for each file. For `install` the files are
# in the directory .restored in both places.
# Ends with 3 and prints the reason if the server must not get the data.
restore() {
    local step=$1 address=$2 my_id=$4 data=$5 log=$6 id=
    export PORT=$3
    find_limit || refuse "this image has no timeout"
    ! listening "$address" 2> /dev/null || refuse "something listens on $address:$PORT: stop it first"
    [ ! -e "$data/myid" ] || read -r id < "$data/myid" || true
    [ -z "$id" ] || [ "$id" = "$my_id" ] || refuse "$data has the id of server $id, but this is server $my_id"
    free data "$data"
    free log "$log"
    [ "$step" = install ] || return 0
    put data "$data"
    put log "$log"
    sync
}

refuse() { echo "$1" && exit 3; }

# is_empty <directory>: whether it has no files, or does not exist.
is_empty() { [ -z "$(files "$1")" ]; }

# files <directory>: the paths of its files.
files() { find "$1" -mindepth 1 2> /dev/null; }

# has_files <kind> <directory>: whether it has the archive's files of that kind, and no others.
has_files() {
    local sum name count=0
    while read -r sum name; do
        [[ $name == "$1"/* ]] || continue
        count=$((count + 1))
        [ "$sum" = "$(sha256sum 2> /dev/null < "$2/${name#*/}" | cut -d ' ' -f 1)" ] || return 1
    done <<< "$SUMS"
    [ "$count" = "$(files "$2" | wc -l)" ]
}

# free <kind> <directory>: an earlier `restore` of the same archive may have been interrupted.
free() {
    is_empty "$2/version-2" || has_files "$1" "$2/version-2" ||
        refuse "$2/version-2 has other data: servers that start with different data can lose all. Move it aside first"
}

put() {
    if is_empty "$2/version-2"; then
        has_files "$1" "$2/.restored" || refuse "not all files arrived in $2/.restored"
        [ ! -d "$2/version-2" ] || rmdir "$2/version-2"
        mv "$2/.restored" "$2/version-2"
    else
        rm -rf "$2/.restored"
    fi
}
restore "$@"
