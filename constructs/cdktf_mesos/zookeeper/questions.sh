#!/bin/bash
# What can be asked of a ZooKeeper server; see role/ask.sh.

# four_letter_word <address> <word>: the answer is in the caller's variable `answer`.
four_letter_word() { connect "$1" && echo "$2" >&3 && read_answer; }

# `srvr` answers with a mode only while the server is in quorum (ZooKeeper administrator's guide).
serving() {
    local answer=
    four_letter_word "$1" srvr && [[ $answer == *$'\n''Mode: '* ]]
}

# Whether a server takes itself for a whole ensemble, and so takes writes that no other server gets.
alone() {
    local answer=
    four_letter_word "$1" srvr && [[ $answer == *$'\n''Mode: standalone'* ]]
}

# From 3.5 `conf` lists the servers of the ensemble. A server that runs alone has the id 0 and no list.
known_members() {
    local answer=
    four_letter_word "$1" conf
    if [[ $answer =~ serverId=0 ]]; then
        echo "server.1=$1"
    else
        grep -o '^server[.][0-9]*=[^:]*' <<< "$answer"
    fi
}

running_release() {
    local answer=
    four_letter_word "$1" srvr
    grep -o '^Zookeeper version: [0-9.]*' <<< "$answer" | grep -o '[0-9.]*$'
}
