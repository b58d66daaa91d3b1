#!/bin/bash
# Whether the masters of a cluster with security know an agent: known.sh, with the login of the probes. Comes after
# kept.sh in the health check's script.

# known_by_masters <agent's id> <port> <master> …
known_by_masters() {
    local id=$1 port=$2 master answer entry fields='[^{}]*' why=''
    shift 2
    for _ in 1 2 3; do fields="([^{}]|\\{$fields\\})*"; done
    entry="\"id\":\"$id\"$fields\"(de)?activ(e|ated)\":true|\"active\":true$fields\"id\":\"$id\""
    for master in "$@"; do
        answer=$(PORT=$port asked page "$master" "/slaves?slave_id=$id" 2> /dev/null)
        grep -Eq "$entry" <<< "$answer" && return 0
        why=$(refused "$answer") && why=": $master: $why" && break
    done
    echo "no master lists the agent $id as registered$why"
    return 1
}

# page <address> <path>: prints the whole answer.
page() {
    local answer=
    http_get "$1" "$2" && printf '%s' "$answer"
}
