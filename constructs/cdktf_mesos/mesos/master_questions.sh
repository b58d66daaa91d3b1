#!/bin/bash
# What can be asked of a Mesos master that answers without a password; see role/ask.sh.

# A master can be counted on once its replicated log has caught up (Mesos docs, monitoring). The oldest releases have no
# gauge for that; there it is enough that the master has got as far as to have gauges.
serving() {
    local answer=
    http_get "$1" /metrics/snapshot && [[ $answer =~ elected ]] &&
        # Older releases escape the slashes of a key.
        [[ ! $answer =~ recovered || $answer =~ recovered\":1[^0-9] ]]
}

# A master knows no other by its address, but its quorum. A quorum of q is that of 2q - 1 masters.
known_members() {
    local answer='' number
    http_get "$1" /flags && [[ $answer =~ \"quorum\":\"([0-9]+)\" ]] &&
        for ((number = 1; number < 2 * BASH_REMATCH[1]; number++)); do echo; done
}

leading() { has_gauge "$1" '"master.{1,2}elected":1[^0-9]'; }

# Before 0.26 only the whole state says it (Mesos docs, /version).
running_release() { http_version "$1" /version /state.json; }
