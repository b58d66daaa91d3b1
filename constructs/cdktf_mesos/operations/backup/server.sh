#!/bin/bash
# What `cdktf-mesos backup` asks a ZooKeeper server, in the server's own container. Comes after role/ask.sh and, of
# zookeeper, questions.sh and position.sh.
# Arguments: the server's address; PORT; the directories of its snapshots and of its logs.
# Prints what `position` prints, and a line `file=<path>` for each snapshot, epoch and log.
server() {
    local address=$1 file
    export PORT=$2
    find_limit || return 1
    asked position "$address"
    for file in "$3"/version-2/{snapshot.*,currentEpoch,acceptedEpoch} "$4"/version-2/log.*; do
        [ ! -f "$file" ] || echo "file=$file"
    done
}
server "$@" 2> /dev/null
