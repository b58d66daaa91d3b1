#!/bin/bash
# Prints those runs of an agent's executors that have ended for the agent. Runs in the agent's container.
# Arguments: the runs' directories, `<work directory>/slaves/<agent's id>/frameworks/…/runs/<container's id>`.
# In the environment: MESOS_WORK_DIR, the agent's work directory.

# has_ended <run>: whether the agent has no use for the run. Only executors of frameworks with checkpointing have a
# checkpoint, but every executor that runs has a sandbox. What is newer than a minute does not count, because the agent
# may be ending the run's container just now.
has_ended() {
    local run=$1 work_dir=${1%/slaves/*/frameworks/*/executors/*/runs/*} latest agent
    # An earlier incarnation of the agent had another work directory.
    [ "$work_dir" = "$MESOS_WORK_DIR" ] || return 0
    latest=$work_dir/meta/slaves/latest
    is_old "$latest" || return 1
    agent=$(readlink "$latest")
    [[ $run == "$work_dir/slaves/${agent##*/}/"* ]] || return 0
    [ -d "$run" ] || return 0
    is_old "$work_dir/meta${run#"$work_dir"}/executor.sentinel"
}

# is_old <file or link>: whether it was made more than a minute ago; false if it is missing.
is_old() { [ -n "$(find "$1" -maxdepth 0 -mmin +1 2> /dev/null)" ]; }

for run in "$@"; do
    ! has_ended "$run" || echo "$run"
done
