#!/bin/bash
# The condition of a member whose configuration is a file of its machine (role/check in container/member.py).
# In the environment: CONFIG_FILE, the file's path on the machine; SEEN_AT, its path here.
settled() {
    [ ! -f "$SEEN_AT" ] || return 0
    echo "$CONFIG_FILE is not a file on this machine: put Mesos-DNS's configuration there"
    return 2
}
