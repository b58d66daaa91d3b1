#!/bin/bash
# Waits until a set can do without its member on this machine, the release that is wanted may follow the one that runs,
# and what the member asks of its host is true. After role/may_be_replaced.sh and what that needs, role/may_follow.sh, and
# the function `settled` of the member's own check, if it has one; before container/passed.sh.
# Arguments: that of passed.sh; the role; how long to wait; how long the reason can be read after a refusal; those of
# may_be_replaced. Times are in seconds. In the environment: OVERRIDE, true to pass in any case, and what may_follow and
# `settled` read.
preflight() {
    local role=$1 patience=$2 hold_seconds=$3 why code
    shift 3
    find_limit || exit 1
    [ "$OVERRIDE" != true ] || return 0
    while true; do
        why=$(ready "$role" "$@") && return
        code=$?
        if [ "$code" = "$FOR_GOOD" ] || [ "$SECONDS" -ge "$patience" ]; then
            echo "$why"
            sleep "$hold_seconds"
            exit 1
        fi
        sleep 1
    done
}

# What `ready` and `settled` return where it is of no use to wait.
FOR_GOOD=2

# ready <role> <arguments of may_be_replaced> …
ready() {
    local role=$1 why
    shift
    if ! why=$(may_be_replaced "$@"); then
        echo "not every other $role serves: $why"
        return 1
    fi
    may_follow "$@" || return "$FOR_GOOD"
    ! has_question settled || settled
}
preflight "${@:2}"
