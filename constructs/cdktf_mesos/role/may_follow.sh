#!/bin/bash
# Whether the release that is wanted may follow the one that a member runs; after role/ask.sh and the component's
# questions.
# In the environment: FORBIDDEN, a line for each range of releases that it must not follow: the first, the last, why
# (compatibility/running.py); PINNED, the version that these must not come before; VERSION, the one that is deployed.

# may_follow <address> <port> <path>
#
# Prints why it may not. A member that does not serve says nothing: to put the version back is how a roll that stopped is
# repaired. Nor does a version that was given for one deploy, as nobody knew it when the table was made.
may_follow() {
    local address=$1 running number first last why
    [ -n "$FORBIDDEN" ] && [ "$VERSION" = "$PINNED" ] && has_question running_release || return 0
    export PORT=$2 HTTP_PATH=$3
    listening "$address" && asked serving "$address" || return 0
    [[ $(asked running_release "$address") =~ ^([0-9]+)[.]([0-9]+)([.]([0-9]+))? ]] || return 0
    running=${BASH_REMATCH[0]}
    # Without a patch number it is taken for the newest of its minor release.
    number=$((BASH_REMATCH[1] * 100000000 + BASH_REMATCH[2] * 10000 + ${BASH_REMATCH[4]:-9999}))
    while read -r first last why; do
        if [ "$number" -ge "$first" ] && [ "$number" -le "$last" ]; then
            echo "$address runs $running, and $PINNED must not follow it: $why"
            return 1
        fi
    done <<< "$FORBIDDEN"
    return 0
}
