#!/bin/bash
# Reads an agent's checkpoints of its executors.

# executor_runs <work directory>: prints the directories of executor runs that have not ended. The link `latest` is no
# run.
executor_runs() {
    local run
    for run in "$1"/meta/slaves/latest/frameworks/*/executors/*/runs/*; do
        [ ! -d "$run" ] || [ -L "$run" ] || [ -e "$run/executor.sentinel" ] || echo "$run"
    done
}

# starting_run <work directory> <minutes>: prints the first run that is still starting, so that a new agent could not
# find it again; false if there is no such run. A run that is older and has no process does not count: the agent kills
# executors that do not register in time (Mesos docs, agent flags: executor_registration_timeout).
starting_run() {
    local run
    while read -r run; do
        if [ -s "$run/pids/forked.pid" ] &&
            { [ -s "$run/pids/libprocess.pid" ] || [ -e "$run/pids/http.marker" ]; }; then
            continue
        fi
        if [ -n "$(find "$run" -maxdepth 0 -mmin "-$2")" ]; then
            echo "$run"
            return 0
        fi
    done < <(executor_runs "$1")
    # In a trap, a bare `return` gives the status of what the trap interrupted (bash(1)).
    return 1
}
