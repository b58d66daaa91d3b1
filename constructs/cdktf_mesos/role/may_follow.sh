#!/bin/bash
# Whether the new release may follow the one that a member runs. Comes after role/ask.sh and the component's questions.
# In the environment: FORBIDDEN, a line for each range of releases that the new one must not follow: first, last, reason
# (compatibility/running.py); PINNED, the version that FORBIDDEN was made for; VERSION, the version that this deploy
# uses.

# may_follow <address> <port> <path>
#
# Prints the reason if it may not. Two cases are not checked. The member does not serve: putting its version back
# repairs a roll that stopped. VERSION is not PINNED, since it was given for this deploy only: FORBIDDEN was made for
# another one.
may_follow() {
    local address=$1 running number first last why
    [ -n "$FORBIDDEN" ] && [ "$VERSION" = "$PINNED" ] && has_question running_release || return 0
    export PORT=$2 HTTP_PATH=$3
    listening "$address" && asked serving "$address" || return 0
    [[ $(asked running_release "$address") =~ ^([0-9]+)[.]([0-9]+)([.]([0-9]+))? ]] || return 0
    running=${BASH_REMATCH[0]}
    # A release without a patch number counts as the newest of its minor release.
    number=$((BASH_REMATCH[1] * 100000000 + BASH_REMATCH[2] * 10000 + ${BASH_REMATCH[4]:-9999}))
    while read -r first last why; do
        if [ "$number" -ge "$first" ] && [ "$number" -le "$last" ]; then
            echo "$address runs $running, and $PINNED must not follow it: $why"
            return 1
        fi
    done <<< "$FORBIDDEN"
    return 0
}
