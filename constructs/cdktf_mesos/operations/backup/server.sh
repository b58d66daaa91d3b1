#!/bin/bash
# What `cdktf-mesos backup` asks a ZooKeeper server, in the server's own container. Comes after role/ask.sh and
# zookeeper/questions.sh.
# Arguments: the server's address; PORT; the directories of its snapshots and of its logs, which may be the same.
# Prints lines `<name>=<value>`: mode, release, zxid (the last transaction that the server has applied), file (the path of
# each snapshot and log, and of the epochs). Without `zxid` the server does not serve.
server() {
    local address=$1 file
    export PORT=$2
    find_limit || return 1
    asked position "$address"
    for file in "$3"/version-2/{snapshot.*,currentEpoch,acceptedEpoch} "$4"/version-2/log.*; do
        [ ! -f "$file" ] || echo "file=$file"
    done
}

position() {
    local answer='' line
    four_letter_word "$1" srvr
    while read -r line; do
        case $line in
            'Zookeeper version: '*) line=${line#*: } && echo "release=${line%%[-,]*}" ;;
            'Zxid: '*) echo "zxid=${line#*: }" ;;
            'Mode: '*) echo "mode=${line#*: }" ;;
        esac
    done <<< "$answer"
}
server "$@" 2> /dev/null
