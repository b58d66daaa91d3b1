#!/bin/bash
# Makes an archive of the ZooKeeper server of this machine, again and again. Follows role/ask.sh, questions.sh,
# position.sh and archive.sh.
# Arguments: the server's address; PORT; the directories of its snapshots and of its logs; the directory of the archives;
# the file with the reason if there is no archive, which backup_age.sh reads; the time between two archives, in minutes;
# how many are kept.
# Prints a line for each archive, and why there is none.
backups() {
    # shellcheck disable=SC2153 # NAME is in the environment
    local directory=$5 reason=$6 minutes=$7 keep=$8 why part=$5/.part-$CLUSTER-$NAME
    local place=("$1" "$3/version-2" "$4/version-2" "$directory" "$part")
    export PORT=$2
    trap 'exit 0' TERM
    umask 077
    find_limit || exit 1
    while true; do
        if due; then
            if why=$(archive "${place[@]}" 2>&1); then
                prune
                rm -f "$reason"
            else
                echo "$why" > "$reason"
            fi
            rm -rf "$part"
            echo "$why"
        fi
        # The trap runs only while `wait` waits.
        sleep 60 & wait $!
    done
}

# The archives of this machine, oldest first: a name ends with the time.
archives() { find "$directory" -maxdepth 1 -name "$CLUSTER-$NAME-[0-9]*T[0-9]*Z.tar.gz" | sort; }

due() {
    local newest
    newest=$(archives | tail -n 1)
    [ -z "$newest" ] || [ -n "$(find "$newest" -mmin "+$((minutes - 1))")" ]
}

prune() {
    local count
    count=$(($(archives | wc -l) - keep))
    [ "$count" -le 0 ] || archives | head -n "$count" | while read -r old; do rm -f "$old"; done
}
backups "$@"
