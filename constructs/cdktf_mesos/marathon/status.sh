#!/bin/bash
# Further functions for `cdktf-mesos status` of an instance of Marathon, in addition to questions.sh; see role/ask.sh.

# Prints leader or standby; nothing if the instance refuses the question, or knows no leader.
standing() {
    local answer=
    http_get "$1" /v2/info && [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] || return 0
    # Instances that do not lead forward the request to the leader. A header of the answer shows that
    # (LeaderProxyFilter).
    if [[ $answer =~ X-Marathon-Via: ]]; then echo standby; else echo leader; fi
}

leading() { [ "$(standing "$1")" = leader ]; }
