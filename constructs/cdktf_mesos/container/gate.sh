#!/bin/bash
# Waits until a member serves. It runs in a separate container, the gate, if the member's image has no bash. Comes after
# role/ask.sh and before passed.sh.
# Arguments: the argument of passed.sh; the member's name; how long to wait; how long one health check may take; the
# command of the health check. Times are in seconds.
gate() {
    local name=$1 wait_seconds=$2 health_seconds=$3
    shift 3
    find_limit || exit 1
    until limited "$health_seconds" "$@" 2> /dev/null; do
        if [ "$SECONDS" -ge "$wait_seconds" ]; then
            echo "$name does not serve"
            exit 1
        fi
        sleep 1
    done
}
gate "${@:2}"
