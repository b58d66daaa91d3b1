#!/bin/bash
# Whether a set can do without one of its members. Comes after role/ask.sh, the component's questions and
# role/survey.sh.

# The results of `survey`.
serving_count=0 fewest_known=0 most_known=0 known_places=()

# may_be_replaced <address> <port> <path> <forms with> <waits> <release> <member> …
#
# Succeeds while the set can do without the member at the address; otherwise prints the reason. The set can do without
# it if every other member serves, if the set is being formed, or if the member does not run anyway. If the address is
# not among the members, that member leaves, and then all members must serve.
#
# Members that serve alone may be deployed one after the other. So those before this one in the list must serve. Those
# after it may be missing, since they may not be deployed yet, but a member that listens must serve. The same holds for
# the members that a growing set is to get. If members have a list of their set, the change of the list must leave a
# majority (one_step, fits).
#
# The arguments are those of health.sh. The release is the new one; - for any.
may_be_replaced() {
    local address=$1 forms_with=$4 waits=$5 release=$6 member number=0 place=0 expected
    export PORT=$2 HTTP_PATH=$3
    shift 6
    for member in "$@"; do
        number=$((number + 1))
        [ "$member" != "$address" ] || place=$number
    done
    # How many members of the list should run by now.
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
        # A member that does not run is not missed.
        listening "$address" || return 0
        [ "$forms_with" = 0 ] || ! being_formed "$forms_with" || return 0
    fi
    others_serve "$address" "$expected" "$waits" "$@" || return 1
    # If the member leaves, the leader may be another member that leaves, too, and so is not in the list.
    [ "$place" = 0 ] || [ $# = 1 ] || ! has_question leading || one_leads "$@"
}

# others_serve <address> <how many should run by now> <waits> <member> …
others_serve() {
    local address=$1 expected=$2 waits=$3 member number=0 why
    shift 3
    for member in "$@"; do
        number=$((number + 1))
        [ "$member" != "$address" ] || continue
        if listening "$member"; then
            if [ $# -gt 1 ] && has_question alone && asked alone "$member"; then
                echo "$member serves alone, although its set has $# members"
                return 1
            fi
            asked serving "$member" && continue
            [ "$waits" = yes ] && growing $# && continue
        elif [ "$number" -gt "$expected" ]; then
            continue
        fi
        why=$(! has_question reason || asked reason "$member")
        echo "$member does not serve${why:+: $why}"
        return 1
    done
    return 0
}

# one_leads <member> …: whether one of the members is the leader. For ZooKeeper, a master that ended can be the leader
# until its session times out. If the next masters were replaced before that, one after the other, their sessions would
# time out one after the other, and there would be no leader all that time.
one_leads() {
    local member
    for member in "$@"; do
        listening "$member" && asked leading "$member" && return
    done
    echo "no member is the leader"
    return 1
}

# one_step <count>: whether the set may get its new size in one deploy. A set of three or more may grow or shrink by
# two: while its members start or end and get the new list, one after the other, it keeps a majority. A change by four
# would lose it on the way.
one_step() {
    local step="two at a time, with a deploy for each two"
    if [ "$fewest_known" -lt $(($1 - 2)) ]; then
        echo "the set has $fewest_known members, the program $1: add members $step"
        return 1
    elif [ "$most_known" -gt $(($1 + 2)) ]; then
        echo "the set has $most_known members, the program $1: remove members $step"
        return 1
    fi
}

# one_of <word> <other word> …: whether the word is among the others.
one_of() {
    local word=$1 other
    shift
    for other in "$@"; do [ "$word" != "$other" ] || return 0; done
    return 1
}

# fits <address> <release> <member> …: whether this deploy may change the set that runs into the set of the given
# members.
#
# A new member may replace one that was at another address and has ended for good. It gets the same id. It starts before
# the others get the new list, so that the set can do without each of these later. It may start only while a majority
# serves, because it copies its data from that majority. Before each member, the preflight checks that the old one does
# not listen. It cannot tell a server that has ended from one that is only unreachable: if that one came back, two
# servers would have the same id, and data that only one of them has could be lost. Nothing here can exclude that.
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
            echo "$name is $peer in the set that runs: keep the order of the members in the list"
            return 1
        fi
        after="it must leave before the set shrinks"
        if one_of "$name" "${places[@]}"; then
            moved="$name was $peer"
            after="it must have ended for good before another one takes its place"
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
        echo "$serving_count of $# serve: an empty server may take a place only while a majority serves"
        return 1
    fi
    # Members that do not know the others by their places, such as masters, may change size and release at once.
    [ "$release" != - ] && [ "${#known_places[@]}" != 0 ] && has_question running_release || return 0
    running=$(asked running_release "$address")
    if [ -n "$changes" ] && [ -n "$running" ] && [ "$running" != "$release" ]; then
        echo "$running runs, not $release: change the size of the set first, then the version"
        return 1
    fi
}
