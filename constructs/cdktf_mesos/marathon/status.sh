#!/bin/bash
# What `cdktf-mesos status` asks an instance of Marathon besides questions.sh; see role/ask.sh.

# leader or standby; empty where the instance wants a password, or knows no leader.
standing() {
    local answer=
    [ "$HTTP_PATH" != /ping ] && http_get "$1" /v2/info && [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] || return 0
    # Instances that do not lead hand the question on, and say so (LeaderProxyFilter).
    if [[ $answer =~ X-Marathon-Via: ]]; then echo standby; else echo leader; fi
}

leading() { [ "$(standing "$1")" = leader ]; }
