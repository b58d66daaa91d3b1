#!/bin/bash
# Further functions for `cdktf-mesos status` of a ZooKeeper server, in addition to questions.sh; see role/ask.sh.

# Prints leader, follower, observer or standalone; nothing while the server is in no quorum.
standing() {
    local answer=
    four_letter_word "$1" srvr
    grep -o '^Mode: [a-z]*' <<< "$answer" | grep -o '[a-z]*$'
}

leading() { [[ $(standing "$1") =~ ^(leader|standalone)$ ]]; }
