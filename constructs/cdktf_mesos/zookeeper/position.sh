#!/bin/bash
# Where a ZooKeeper server is, for backups. Follows role/ask.sh and questions.sh.

# position <address>: prints lines `<name>=<value>`: release, zxid (the last transaction that the server has applied),
# mode. Without `zxid` the server does not serve.
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
