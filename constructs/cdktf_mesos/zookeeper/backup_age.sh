#!/bin/bash
# Prints the last archive of this machine, and succeeds if it is not too old. Otherwise it prints why there is none, too.
# Arguments: the directory of the archives; the beginning of their names; how old the last one may be, in minutes; the
# file with the reason.
backup_age() {
    local last why=''
    last=$(find "$1" -maxdepth 1 -name "$2-[0-9]*T[0-9]*Z.tar.gz" | sort | tail -n 1)
    [ -z "$last" ] || [ -n "$(find "$last" -mmin "+$3")" ] || { echo "the last good backup is ${last##*/}" && return; }
    if [ -f "$4" ]; then
        why=$(tail -n 1 "$4")
        why=": ${why#no backup: }"
    fi
    if [ -z "$last" ]; then
        echo "there is no backup yet$why"
    else
        echo "no good backup for more than $3 min; the last one is ${last##*/}$why"
    fi
    return 1
}
backup_age "$@"
