#!/bin/bash
# The questions that health checks and preflights ask a Mesos master that requires no password. role/ask.sh says what
# each must answer.

# A master serves once its replicated log has caught up (Mesos docs, monitoring). The oldest releases have no gauge for
# that; there, a master that reports its gauges counts as serving.
serving() {
    local answer=
    http_get "$1" /metrics/snapshot && [[ $answer =~ elected ]] &&
        # Older releases escape the slashes of a key.
        [[ ! $answer =~ recovered || $answer =~ recovered\":1[^0-9] ]]
}

# A master does not know the addresses of the others, but it knows the quorum. A quorum of q means 2q - 1 masters.
known_members() {
    local answer='' number
    http_get "$1" /flags && [[ $answer =~ \"quorum\":\"([0-9]+)\" ]] &&
        for ((number = 1; number < 2 * BASH_REMATCH[1]; number++)); do echo; done
}

leading() { has_gauge "$1" '"master.{1,2}elected":1[^0-9]'; }

# Before 0.26 there is no /version: the release is in the whole state (Mesos docs, /version).
running_release() { http_version "$1" /version /state.json; }
