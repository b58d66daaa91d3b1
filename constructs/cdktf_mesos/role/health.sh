#!/bin/bash
# The health check of a member: whether it serves within its set. After role/ask.sh, the component's questions and
# role/survey.sh.
# Arguments: the member's address; PORT; HTTP_PATH, or -; how many members must be there before the first can serve (0 where a
# member serves alone); whether members of a set that grows wait for a majority that knows the new set (yes or no); the
# members of the set.
health() {
    local address=$1 forms_with=$4 waits=$5
    export PORT=$2 HTTP_PATH=$3
    shift 5
    serving "$address" && return
    # One that could serve without the others, and does not.
    [ "$forms_with" != 0 ] && [ $# -gt 1 ] || return 1
    # Without a way to limit the time nothing can be said of the others.
    find_limit || return 1
    listening "$address" || return 1
    survey "$@"
    being_formed "$forms_with" || { [ "$waits" = yes ] && growing $#; }
}
health "$@"
