#!/bin/bash
# The health check of an agent: it serves, ends no executor at the moment, and has kept what was there when it started.
# After role/ask.sh, the agent's questions and record.sh.
# Arguments: the agent's address; PORT; HTTP_PATH, or -; its work directory; the file with what entrypoint.sh recorded; the
# masters' port; the masters' addresses.
agent_health() {
    local address=$1 work_dir=$4 record=$5 masters_port=$6
    export PORT=$2 HTTP_PATH=$3
    shift 6
    find_limit || return 1
    serving "$address" || return 1
    ! has_question ending_no_executor || ending_no_executor "$address" || return 1
    # Once it has kept them, its tasks are the frameworks' matter.
    [ ! -e "$record.kept" ] || return 0
    kept "$work_dir" < "$record" || [ ! -e "$record" ] || return 1
    known_by_masters "$(agent_id "$work_dir")" "$masters_port" "$@" && touch "$record.kept"
}

# kept <work directory>, the record on its standard input. What an agent says of a task, and not its executor, has the
# source SOURCE_AGENT and then a reason (mesos.proto, TaskStatus: fields 9 and 10). It says so of a task that was there
# before and is not now: that it was lost.
kept() {
    local id process time run before=
    id=$(agent_id "$1")
    read -r before
    if [ -n "$before" ] && [ "$before" != "$id" ]; then
        echo "is agent $id, and was $before"
        return 1
    fi
    while read -r process time run; do
        if [ "$(began "$process")" != "$time" ] && grep -aqF $'H\001P' "$run"/tasks/*/task.updates; then
            echo "has lost $run"
            return 1
        fi
    done
    return 0
}

# known_by_masters <agent's id> <port> <master> …: whether the leading master has the agent registered and connected.
# The agent's own gauge says only that it has found a master; an agent that the master rejects reports it, too. Of an
# agent that is drained the master does not say whether it is connected (Mesos docs, "Performing Node Maintenance").
# Masters that do not lead redirect (Mesos docs, /slaves). One that wants a password is not asked further.
known_by_masters() {
    local id=$1 port=$2 master answer entry
    shift 2
    # The fields of an entry come in another order in each release, with objects among them, up to three levels deep.
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
    echo "no master has the agent $id registered"
    return 1
}
agent_health "$@"
