#!/bin/bash
# What must be true on an agent's host before the agent leaves for good; after role/ask.sh and executors.sh.
# In the environment: WORK_DIR, AGENT_ADDRESS and AGENT_PORT of the agent.

# Executors whose framework checkpoints are counted by what the agent wrote down, also while the agent is away; others
# by its metrics, where these want no password (Mesos docs, monitoring). An agent that listens must answer.
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
