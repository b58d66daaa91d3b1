#!/bin/bash
# What `cdktf-mesos status` asks a ZooKeeper server besides questions.sh; see role/ask.sh.

# leader, follower, observer or standalone; empty while the server is in no quorum.
standing() {
    local answer=
    four_letter_word "$1" srvr
    grep -o '^Mode: [a-z]*' <<< "$answer" | grep -o '[a-z]*$'
}

leading() { [[ $(standing "$1") =~ ^(leader|standalone)$ ]]; }
