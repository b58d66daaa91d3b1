#!/bin/bash
# Records the agent's id and the executors that run, then runs the agent. When the agent is to stop, it first waits for
# starting executors. Follows executors.sh and record.sh in the entrypoint's script.
# Arguments: the agent's work directory; the file for the record; how long to wait for executors when the agent is to
# stop, in seconds; the age in minutes from which nobody waits for an executor without a process; the directory with the
# hierarchies of cgroups; the root of the agent's cgroups, or nothing to leave it to Mesos; the agent's program and its
# arguments.
work_dir=$1 record=$2 stop_seconds=$3 give_up_minutes=$4 hierarchies=$5 own_root=$6
shift 6

stop() {
    local waited=0 run
    while run=$(starting_run "$work_dir" "$give_up_minutes") && [ "$waited" -lt "$stop_seconds" ]; do
        waited=$((waited + 1))
        echo "waits for the executor of $run to start" >&2
        sleep 1
    done
    kill -TERM "$child" || exit 143
}

# Prints the agent's id, and for each running executor its process id, the start time of the process, and its directory.
record_executors() {
    local run process time
    agent_id "$work_dir" || echo
    while read -r run; do
        process=$(cat "$run/pids/forked.pid" 2> /dev/null) && time=$(start_time "$process") && [ -n "$time" ] &&
            echo "$process $time $run"
    done < <(executor_runs "$work_dir")
}

# Prints the root above the cgroups of running executors; if no executor runs, the agent's own root. With any other
# root, an agent would not find the executors of its command tasks again.
root_of_executors() {
    local run cgroup
    while read -r run; do
        for cgroup in "$hierarchies"/*/*/"${run##*/}"; do
            if [ -d "$cgroup" ]; then
                basename "$(dirname "$cgroup")"
                return
            fi
        done
    done < <(executor_runs "$work_dir")
    echo "$own_root"
}

trap stop TERM INT
trap 'kill -USR1 "$child"' USR1
record_executors > "$record.new"
rm -f "$record.kept"
mv "$record.new" "$record"
if [ -n "$own_root" ]; then
    MESOS_CGROUPS_ROOT=$(root_of_executors)
    export MESOS_CGROUPS_ROOT
fi
"$@" &
child=$!
# A signal ends `wait`, but not the agent.
while true; do
    wait "$child"
    code=$?
    kill -0 "$child" 2> /dev/null || exit "$code"
done
