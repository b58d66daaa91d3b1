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
