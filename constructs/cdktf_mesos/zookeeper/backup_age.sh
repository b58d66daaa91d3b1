#!/bin/bash
# Prints the last archive of this machine, and succeeds if it is not too old.
# Arguments: the directory of the archives; the beginning of their names; how old the last one may be, in minutes.
backup_age() {
    local last
    last=$(find "$1" -maxdepth 1 -name "$2-[0-9]*T[0-9]*Z.tar.gz" | sort | tail -n 1)
    if [ -z "$last" ]; then
        echo "there is no backup yet"
        return 1
    fi
    [ -z "$(find "$last" -mmin "+$3")" ] && echo "the last good backup is ${last##*/}" && return
    echo "no good backup for more than $3 min; the last one is ${last##*/}"
    return 1
}
backup_age "$@"
