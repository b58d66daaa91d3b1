#!/bin/bash
# Whether a set can do without one of its members; after role/ask.sh, the component's questions and role/survey.sh.

# What `survey` finds out.
serving_count=0 fewest_known=0 most_known=0 known_places=()

# may_be_replaced <address> <port> <path> <forms with> <waits> <release> <member> …
#
# True while the set can do without the member of the address; prints why it cannot. That is when every other member
# serves, when the set is being formed, or when the member does not run anyway. An address that is not among the members
# is to leave, and then all of them must serve.
#
# Members that serve alone are taken one by one: those before this one in the list must serve, those after it need not
# listen, as they may not be deployed yet; and so it is with those that a growing set is to get. Of a set whose members
# know it, no more may change at once than a majority outlives (one_step, fits).
#
# The arguments are those of health.sh. The release is the one that is to run; - for any.
may_be_replaced() {
    local address=$1 forms_with=$4 waits=$5 release=$6 member number=0 place=0 expected
    export PORT=$2 HTTP_PATH=$3
    shift 6
    for member in "$@"; do
        number=$((number + 1))
        [ "$member" != "$address" ] || place=$number
    done
    # How many members of the list are there by now, or should be.
    expected=$((place > 0 ? place : $#))
    if [ "$forms_with" != 0 ]; then
        survey "$@"
        expected=$fewest_known
        if has_question known_members; then
            one_step $# || return 1
            [ "$place" = 0 ] || fits "$address" "$release" "$@" || return 1
        fi
    fi
    if [ "$place" != 0 ]; then
        # Nothing is taken away.
        listening "$address" || return 0
        [ "$forms_with" = 0 ] || ! being_formed "$forms_with" || return 0
    fi
    others_serve "$address" "$expected" "$waits" "$@" || return 1
    # One that is to leave may go while another leads that is to leave as well.
    [ "$place" = 0 ] || [ $# = 1 ] || ! has_question leading || one_leads "$@"
}

# others_serve <address> <how many should be there> <waits> <member> …
others_serve() {
    local address=$1 expected=$2 waits=$3 member number=0
    shift 3
    for member in "$@"; do
        number=$((number + 1))
        [ "$member" != "$address" ] || continue
        if listening "$member"; then
            if [ $# -gt 1 ] && has_question alone && asked alone "$member"; then
                echo "$member serves alone, though it is one of $#"
                return 1
            fi
            asked serving "$member" && continue
            [ "$waits" = yes ] && growing $# && continue
        elif [ "$number" -gt "$expected" ]; then
            continue
        fi
        echo "$member does not serve"
        return 1
    done
    return 0
}

# A master that ended is a leader for ZooKeeper until its session is over. If the next one were replaced before that, and
# then the one after it, their sessions would run out one after the other, and none would lead all that time.
one_leads() {
    local member
    for member in "$@"; do
        listening "$member" && asked leading "$member" && return
    done
    echo "none of them leads"
    return 1
}

# one_step <count>: whether the set comes to its size in one step. From three on, a set that grows or shrinks by two has
# a majority while its members come or end and are told, one after the other. By four it would have none on the way.
one_step() {
    local step="two at a time, with a deploy for each two"
    if [ "$fewest_known" -lt $(($1 - 2)) ]; then
        echo "$fewest_known members run, not $1: a set grows by $step"
        return 1
    elif [ "$most_known" -gt $(($1 + 2)) ]; then
        echo "$most_known members ran, not $1: a set shrinks by $step"
        return 1
    fi
}

one_of() {
    local word=$1 other
    shift
    for other in "$@"; do [ "$word" != "$other" ] || return 0; done
    return 1
}

# fits <address> <release> <member> …: whether the set that runs can become this one in this deploy.
#
# A member may take the place of one that was at another address and has ended for good: its id stays. It comes first,
# before the others are told, so that each of these can be done without; and only while a majority serves, since it gets
# from them what it does not have. Before each member it is checked that the old one does not listen. But one that only
# cannot be reached looks the same: if it came back, it would count for the same place, and what only one of the two has
# could be lost. Nothing here can exclude that.
fits() {
    local address=$1 release=$2 member line name peer after running changes='' moved='' places=() same=()
    shift 2
    for member in "$@"; do
        places+=("server.$((${#places[@]} + 1))")
        same+=("server.${#places[@]}=$member")
    done
    [ "$fewest_known" = $# ] || changes=yes
    for line in "${known_places[@]}"; do
        ! one_of "$line" "${same[@]}" || continue
        changes=yes
        name=${line%%=*} peer=${line#*=}
        if one_of "$peer" "$@"; then
            echo "$name is $peer in the set that runs: members keep their places in the list"
            return 1
        fi
        after="a set shrinks when it has left"
        if one_of "$name" "${places[@]}"; then
            moved="$name was $peer"
            after="it must have ended for good before another takes its place"
        fi
        if listening "$peer"; then
            echo "$name, $peer, still runs: $after"
            return 1
        fi
    done
    if [ -n "$moved" ] && [ "$fewest_known" != $# ]; then
        echo "$moved: change the size of the set first, then the address"
        return 1
    elif [ -n "$moved" ] && [ "$serving_count" -le $(($# / 2)) ]; then
        echo "$serving_count of $# serve: an empty server takes a place only where a majority does"
        return 1
    fi
    # Members that know no other by its place, as masters do not, may change both at once.
    [ "$release" != - ] && [ "${#known_places[@]}" != 0 ] && has_question running_release || return 0
    running=$(asked running_release "$address")
    if [ -n "$changes" ] && [ -n "$running" ] && [ "$running" != "$release" ]; then
        echo "$running runs, not $release: change the size of the set first, then the version"
        return 1
    fi
}
