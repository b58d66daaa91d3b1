#!/bin/bash
# The health check of a member: whether it serves within its set. After role/ask.sh, the component's questions and
# role/survey.sh.
# Arguments: the member's address; PORT; HTTP_PATH, or -; how many members must be there before the first can serve (0 where a
# member serves alone); whether members of a set that grows wait for a majority that knows the new set (yes or no); a
# directory that is there once it serves, or -; the members of the set.
health() {
    local address=$1 forms_with=$4 waits=$5 data=$6
    export PORT=$2 HTTP_PATH=$3
    shift 6
    if [ $# -gt 1 ] && has_question alone && alone "$address"; then
        echo "$address serves alone, though it is one of $#: it was not told the others, or does not read what it was told"
        return 1
    fi
    if serving "$address"; then
        [ "$data" = - ] || [ -d "$data" ] && return
        echo "there is no $data: the data are elsewhere in the container, and would be lost with it"
        return 1
    fi
    # One that could serve without the others, and does not.
    [ "$forms_with" != 0 ] && [ $# -gt 1 ] || return 1
    # Without a way to limit the time nothing can be said of the others.
    find_limit || return 1
    listening "$address" || return 1
    survey "$@"
    being_formed "$forms_with" || { [ "$waits" = yes ] && growing $#; }
}
health "$@"
