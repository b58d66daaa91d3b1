#!/bin/bash
# Adapts the agent to its host, records its id and the executors that run, then runs it. When the agent is to stop, it
# first waits for starting executors. Follows executors.sh, record.sh, docker_front.sh and adapt.sh in its script.
# Arguments: the agent's work directory; the file for the record; how long to wait for executors when the agent is to
# stop, in seconds; the age in minutes from which nobody waits for an executor without a process; the directory in the
# container for what adapt_to_host makes; the agent's variables if the host has cgroup v2, and what needs v1, as
# adapt_to_host takes them; the directory with the hierarchies of cgroups; the root of the agent's cgroups, or nothing to
# leave it to Mesos; the agent's program and its arguments.
work_dir=$1 record=$2 stop_seconds=$3 give_up_minutes=$4 own=$5 variables_on_v2=$6 needs_v1=$7 hierarchies=$8 own_root=$9
shift 9

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
        # Below each hierarchy of v1; with v2, which Clusterd uses, there is only one.
        for cgroup in "$hierarchies"/*/*/"${run##*/}" "$hierarchies"/*/"${run##*/}"; do
            if [ -d "$cgroup" ]; then
                basename "$(dirname "$cgroup")"
                return
            fi
        done
    done < <(executor_runs "$work_dir")
    echo "$own_root"
}

adapt_to_host "$own" "$hierarchies" "$variables_on_v2" "$needs_v1" || exit 1
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
