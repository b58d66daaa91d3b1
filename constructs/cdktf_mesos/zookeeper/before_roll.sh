#!/bin/bash
# Makes an archive of the ZooKeeper server of this machine before a roll changes ZooKeeper or Marathon. Follows
# role/ask.sh, questions.sh, position.sh and archive.sh; before container/passed.sh.
# Arguments: the argument of passed.sh; the server's address; PORT; the directories of its snapshots and of its logs; the
# directory of the archives; how long to try, in seconds. In the environment: what archive.sh and the manifest need, and
# MEMBERS, the addresses of all servers; FIRST, yes on the first machine of the roll; ROLL, a text that is the same on all
# machines of a roll; OVERRIDE, true to pass in any case.
before_roll() {
    local patience=$6 note=$5/.before-roll-$CLUSTER why
    # shellcheck disable=SC2153 # NAME is in the environment
    local part=$5/.part.roll-$CLUSTER-$NAME
    export PORT=$2
    umask 077
    find_limit || exit 1
    # Only this roll may leave a note for its later machines.
    [ "$FIRST" != yes ] || rm -f "$note"
    [ "$OVERRIDE" != true ] || return 0
    until why=$(backed_up "$1" "$3/version-2" "$4/version-2" "$5" "$part"); do
        rm -rf "$part"
        if [ "$SECONDS" -ge "$patience" ]; then
            echo "$why"
            exit 1
        fi
        sleep 1
    done
    rm -rf "$part"
    echo "$why"
}

# backed_up <arguments of archive>: tries once. Prints what it has done, or why it failed.
backed_up() {
    local address=$1 data=$2 logs=$3 directory=$4 line other
    if line=$(made_by_this_roll "$directory"); then
        echo "$line was made at the beginning of this roll"
    elif is_new "$data" "$logs"; then
        echo "the server of this machine has no transactions yet"
    elif asked serving "$address"; then
        catches_up "$address" || fail "the server lags behind another one"
        line=$(archive "$@") || { echo "$line" && return 1; }
        printf '%s\n%s\n' "${line%%: *}" "$ROLL" > "$note" || fail "$directory cannot be written"
        echo "$line"
    elif listening "$address" && [ "$SECONDS" -lt "$patience" ]; then
        fail "the server does not serve"
    else
        # Nothing is lost if this machine's server is replaced. Another machine's step makes the archive.
        for other in $MEMBERS; do
            asked serving "$other" && echo "the server does not serve; $other does, and has its own step" && return
        done
        fail "no server serves. To repair the cluster, deploy with TF_VAR_override_preflight=true"
    fi
}

# made_by_this_roll <directory>: prints the archive that this roll has made already, according to the note.
made_by_this_roll() {
    local lines=()
    [ -f "$note" ] && mapfile -t lines < "$note" && [ "${lines[1]}" = "$ROLL" ] && [ -f "$1/${lines[0]}" ] &&
        echo "${lines[0]}"
}

# is_new <directory of snapshots> <directory of logs>: whether the server has never had a transaction. Then it has a
# snapshot of the empty tree at most.
is_new() {
    local file
    for file in "$2"/log.* "$1"/snapshot.*; do
        [ ! -f "$file" ] || [[ ${file##*/} == snapshot.0* ]] || return 1
    done
}

# applied <address>: the last transaction that a server has applied, as a number; 0 if it does not serve.
applied() {
    local line zxid=0x0
    while read -r line; do
        [[ $line != zxid=* ]] || zxid=${line#*=}
    done <<< "$(asked position "$1" 2> /dev/null)"
    echo "$((zxid))"
}

# catches_up <address>: whether the server has applied all that any server had applied before, within a few seconds.
catches_up() {
    local other zxid least=0 until=$((SECONDS + 10))
    for other in $MEMBERS; do
        zxid=$(applied "$other")
        # A leader begins its epoch with the number 0, which is no transaction, and which its followers do not have.
        [ $((zxid & 0xffffffff)) = 0 ] || [ "$zxid" -le "$least" ] || least=$zxid
    done
    until [ "$(applied "$1")" -ge "$least" ]; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}
before_roll "${@:2}"
