#!/bin/bash
# Waits until all this is true: the set can do without its member on this machine, the new release may follow the one
# that runs, the stages of TLS and of security may follow those that run, and the member's own condition on its host
# holds. Comes after role/may_be_replaced.sh and what that needs, role/may_follow.sh, and the functions `tls_follows`,
# `stage_follows` and `settled`, if there are any; before container/passed.sh.
# Arguments: the argument of passed.sh; the role; how long to wait; how long to keep running after a failure, so that
# the log can be read; the arguments of may_be_replaced. Times are in seconds. In the environment: OVERRIDE, true to
# pass in any case, and what may_follow and `settled` read.
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

# The return code of `ready` and `settled` if waiting is of no use.
FOR_GOOD=2

# ready <role> <arguments of may_be_replaced> …: checks once, and prints the reason of a failure.
ready() {
    local role=$1 why
    shift
    ! has_question tls_follows || tls_follows || return
    if ! why=$(may_be_replaced "$@"); then
        echo "not every other $role serves: $why"
        return 1
    fi
    may_follow "$@" || return "$FOR_GOOD"
    ! has_question stage_follows || stage_follows "$1" || return 1
    ! has_question settled || settled
}
preflight "${@:2}"
