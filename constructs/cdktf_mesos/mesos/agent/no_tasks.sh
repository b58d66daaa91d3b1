#!/bin/bash
# The check on an agent's host before the agent leaves for good: it has no tasks any more. Follows role/ask.sh and
# executors.sh in the preflight's script.
# In the environment: WORK_DIR, the agent's work directory; AGENT_ADDRESS and AGENT_PORT, where the agent listens.

# The agent's checkpoints show the executors of frameworks with checkpointing, also while the agent is down. Its metrics
# show all others, if they can be read without a password (Mesos docs, monitoring). An agent that accepts connections
# but does not answer does not pass.
settled() {
    local answer written running
    # shellcheck disable=SC2016 # the inner bash expands it
    if ! answer=$(limited 3 bash -c 'exec 3<> "/dev/tcp/$0/$1" || exit 0
        printf "GET /metrics/snapshot HTTP/1.0\r\n\r\n" >&3; exec cat <&3' \
        "$AGENT_ADDRESS" "$AGENT_PORT" 2> /dev/null); then
        echo "the agent $AGENT_ADDRESS accepts connections but does not answer: repair it or stop it first"
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
