#!/bin/bash
# The health check of an agent: it serves, is not ending an executor, and has kept the id and the tasks of its
# predecessor. Follows role/ask.sh, questions.sh and record.sh in the health check's script.
# Arguments: the agent's address; PORT; HTTP_PATH, or -; the agent's work directory; the file that entrypoint.sh
# recorded; the masters' port; the masters' addresses.
agent_health() {
    local address=$1 work_dir=$4 record=$5 masters_port=$6
    export PORT=$2 HTTP_PATH=$3
    shift 6
    find_limit || return 1
    serving "$address" || return 1
    ! has_question ending_no_executor || ending_no_executor "$address" || return 1
    # After the first success, lost tasks are the frameworks' concern: they do not make the agent unhealthy.
    [ ! -e "$record.kept" ] || return 0
    kept "$work_dir" < "$record" || [ ! -e "$record" ] || return 1
    known_by_masters "$(agent_id "$work_dir")" "$masters_port" "$@" && touch "$record.kept"
}

# kept <work directory>: whether the agent has the id and the tasks in the record on the standard input. An update that
# the agent made itself, not the task's executor, has the source SOURCE_AGENT and then a reason (mesos.proto,
# TaskStatus: fields 9 and 10). The agent makes such an update for a task that it has lost.
kept() {
    local id process time run before=
    id=$(agent_id "$1")
    read -r before
    if [ -n "$before" ] && [ "$before" != "$id" ]; then
        echo "the agent's id is $id, but it was $before before"
        return 1
    fi
    while read -r process time run; do
        if [ "$(start_time "$process")" != "$time" ] && grep -aqF $'H\001P' "$run"/tasks/*/task.updates; then
            echo "the agent has lost the executor of $run"
            return 1
        fi
    done
    return 0
}

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
agent_health "$@"
