#!/bin/bash
# Waits until a set can do without its member on a machine that is about to end, or to be maintained. Comes after role/may_be_replaced.sh and
# what that needs.
# Arguments: the role; how long to wait, in seconds since the shell started; the arguments of may_be_replaced.
others_serve_in_time() {
    local role=$1 patience=$2 why
    shift 2
    find_limit || exit 1
    until why=$(may_be_replaced "$@"); do
        if [ "$SECONDS" -ge "$patience" ]; then
            echo "not every other $role serves: $why"
            exit 1
        fi
        sleep 1
    done
}
others_serve_in_time "$@"
