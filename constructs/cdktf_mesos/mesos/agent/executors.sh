#!/bin/bash
# What an agent has written down of its executors.

# executor_runs <work directory>: the runs of executors that have not ended. Links, `latest`, are not runs.
executor_runs() {
    local run
    for run in "$1"/meta/slaves/latest/frameworks/*/executors/*/runs/*; do
        [ ! -d "$run" ] || [ -L "$run" ] || [ -e "$run/executor.sentinel" ] || echo "$run"
    done
}

# beginning <work directory> <minutes>: prints the first run that could not be found again by the next agent, if there is
# one. An agent ends what did not register in time, so an older run without a process is not waited for (Mesos docs,
# agent flags: executor_registration_timeout).
beginning() {
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
