#!/bin/bash
# Removes an app with its tasks. Comes after role/ask.sh and requests.sh.
# Arguments: the app's id; how long this may take, in seconds.
export LC_ALL=C
status=0 answer=""   # what `request` sets

remove() {
    local id=$1 limit_seconds=$2 deployment=""
    find_limit_or_end "$id"
    while true; do
        if [ -z "$deployment" ]; then
            # `force`, because a deployment of an app that is to go has no more use.
            request DELETE "/v2/apps$id?force=true"
            if [ "$status" = 404 ] && [[ $answer == *"$id"* ]]; then
                echo "$id: not there"
                return
            fi
            [ "$status" != 200 ] || deployment=$(text_of deploymentId)
        else
            request GET /v2/deployments
            if [ "$status" = 200 ] && [[ $answer != *"\"$deployment\""* ]]; then
                echo "$id: removed"
                return
            fi
        fi
        if [ "$SECONDS" -ge "$limit_seconds" ]; then
            echo "$id: not removed after $SECONDS s ($status): $answer"
            exit 1
        fi
        sleep 1
    done
}
remove "$@"
