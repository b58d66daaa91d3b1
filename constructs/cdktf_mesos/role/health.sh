#!/bin/bash
# The health check of a member: whether it serves within its set. Comes after role/ask.sh, the component's questions and
# role/survey.sh.
# Arguments: the member's address; PORT; HTTP_PATH, or -; how many members must be there before the first can serve (0 if
# each member serves alone); whether members of a set that grows serve only after a majority has the new list of members
# (yes or no); a directory that must exist once the member serves, or -; the addresses of all members of the set.
health() {
    local address=$1 forms_with=$4 waits=$5 data=$6
    export PORT=$2 HTTP_PATH=$3
    shift 6
    if [ $# -gt 1 ] && has_question alone && alone "$address"; then
        echo "$address serves alone, although its set has $# members: it does not have the list of members, or ignores it"
        return 1
    fi
    if serving "$address"; then
        [ "$data" = - ] || [ -d "$data" ] && return
        echo "$data does not exist: the member keeps its data elsewhere in the container, and would lose them with it"
        return 1
    fi
    # A member that needs no others is unhealthy when it does not serve.
    if [ "$forms_with" = 0 ] || [ $# = 1 ]; then
        ! has_question reason || ! find_limit || asked reason "$address"
        return 1
    fi
    # The other members can be asked only with a time limit.
    find_limit || return 1
    listening "$address" || return 1
    survey "$@"
    being_formed "$forms_with" || { [ "$waits" = yes ] && growing $#; }
}
