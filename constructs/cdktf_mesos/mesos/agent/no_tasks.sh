#!/bin/bash
# The check on an agent's host before the agent leaves for good: it has no tasks any more. Follows role/ask.sh and
# executors.sh in the preflight's script.
# In the environment: WORK_DIR, the agent's work directory; AGENT_ADDRESS and AGENT_PORT, where the agent listens.

# The agent's checkpoints show the executors of frameworks with checkpointing, also while the agent is down. Its metrics
# show all others (Mesos docs, monitoring). An agent does not pass if it accepts connections but does not answer, or if
# it refuses the question.
settled() {
    local answer written running
    if ! answer=$(PORT=$AGENT_PORT asked metrics_if_up "$AGENT_ADDRESS" 2> /dev/null); then
        echo "the agent $AGENT_ADDRESS accepts connections but does not answer: repair it or stop it first"
        return 1
    fi
    if [[ $answer =~ ^HTTP/[0-9.]+\ (401|403) ]]; then
        echo "the agent $AGENT_ADDRESS does not tell how many executors it has (${BASH_REMATCH[1]}): it is closed to this check"
        return 1
    fi
    written=$(executor_runs "$WORK_DIR" | wc -l)
    running=$(grep -Eo 'slave.{1,2}executors_running":[0-9]+' <<< "$answer" | grep -o '[0-9]*$')
    [ "$written" -ge "0$running" ] || written=$running
    if [ "$written" != 0 ]; then
        echo "the agent $AGENT_ADDRESS has $written executors with tasks: drain it first"
        return 1
    fi
}

# metrics_if_up <address>: prints the answer; nothing if the agent does not listen.
metrics_if_up() {
    local answer=
    connect "$1" || return 0
    http_request /metrics/snapshot && read_answer && printf '%s' "$answer"
}
