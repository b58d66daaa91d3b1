#!/bin/bash
# Whether the masters know an agent. Comes after kept.sh in the health check's script.

# known_by_masters <agent's id> <port> <master> …: whether the leading master lists the agent as registered and
# connected. The agent's own gauge only tells that it has found a master: agents that the master rejects have the gauge,
# too. For a drained agent, the master does not tell whether it is connected (Mesos docs, "Performing Node
# Maintenance"). Masters that do not lead send a redirect (Mesos docs, /slaves). If a master requires a password, the
# check passes.
known_by_masters() {
    local id=$1 port=$2 master answer entry
    shift 2
    # The order of the fields of an entry differs between releases. Some fields are objects, up to three levels deep.
    local fields='[^{}]*'
    for _ in 1 2 3; do fields="([^{}]|\\{$fields\\})*"; done
    entry="\"id\":\"$id\"$fields\"(de)?activ(e|ated)\":true|\"active\":true$fields\"id\":\"$id\""
    for master in "$@"; do
        # shellcheck disable=SC2016 # the inner bash expands it
        answer=$(limited 3 bash -c 'exec 3<> "/dev/tcp/$0/$1" &&
            printf "GET /slaves?slave_id=%s HTTP/1.0\r\n\r\n" "$2" >&3 && exec cat <&3' \
            "$master" "$port" "$id" 2> /dev/null)
        [[ $answer =~ ^HTTP/[0-9.]+\ 401 ]] && return 0
        grep -Eq "$entry" <<< "$answer" && return 0
    done
    echo "no master lists the agent $id as registered"
    return 1
}
