#!/bin/bash
# Runs a health check and decides when. An engine runs the first check of a container one interval after its start, and
# engines from 25 on only after 5 s (Docker docs, HEALTHCHECK: start interval). So the engine's interval is short. Until
# the container serves for the first time, this script repeats the check without a pause. From then on it waits for the
# interval before each check.
# Arguments: a file that does not exist when the container starts; the time between two checks; how long a check may wait
# for the container to serve for the first time; the command of the check. Times are in seconds.
paced() {
    local has_served=$1 interval=$2 first=$3 why
    shift 3
    if [ -e "$has_served" ]; then
        sleep "$interval"
        "$@"
        return
    fi
    until why=$("$@" 2>&1); do
        if [ "$SECONDS" -ge "$first" ]; then
            echo "$why"
            return 1
        fi
        # Some builds of busybox take whole seconds only.
        sleep 0.2 2> /dev/null || sleep 1
    done
    { : > "$has_served"; } 2> /dev/null || true
}
paced "$@"
