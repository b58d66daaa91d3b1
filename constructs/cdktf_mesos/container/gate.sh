#!/bin/bash
# Waits until a member serves: run in a container of its own, where the member's image has no bash. After role/ask.sh,
# before passed.sh.
# Arguments: that of passed.sh; the member's name; how long to wait; how long one health check may take; the health
# check's command. Times are in seconds.
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
