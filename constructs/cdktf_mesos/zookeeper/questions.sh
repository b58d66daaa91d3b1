#!/bin/bash
# The questions that health checks and preflights ask a ZooKeeper server. role/ask.sh says what each must answer.

# four_letter_word <address> <word>: puts the server's answer into the caller's variable `answer`.
four_letter_word() { connect "$1" && echo "$2" >&3 && read_answer; }

# The answer to `srvr` has a mode only while the server is in quorum (ZooKeeper administrator's guide).
serving() {
    local answer=
    four_letter_word "$1" srvr && [[ $answer == *$'\n''Mode: '* ]]
}

# Whether a server runs standalone. Then it accepts writes that it passes on to no other server.
alone() {
    local answer=
    four_letter_word "$1" srvr && [[ $answer == *$'\n''Mode: standalone'* ]]
}

# From 3.5 on, `conf` lists the servers of the ensemble. A standalone server has the id 0 and no list.
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
