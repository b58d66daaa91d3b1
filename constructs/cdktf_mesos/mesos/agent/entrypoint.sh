#!/bin/bash
# Runs an agent, after it has recorded what was there; one that is told to stop waits for executors that begin. After
# executors.sh and record.sh.
# Arguments: the agent's work directory; the file of the record; how long to wait for executors when told to stop, in
# seconds; after how many minutes one that has no process is not waited for; where the hierarchies of cgroups are; the root
# of the agent's cgroups, or nothing where the agent is not told one; the agent's program and its arguments.
work_dir=$1 record=$2 stop_seconds=$3 begin_minutes=$4 hierarchies=$5 own_root=$6
shift 6

stop() {
    local waited=0 run
    while run=$(beginning "$work_dir" "$begin_minutes") && [ "$waited" -lt "$stop_seconds" ]; do
        waited=$((waited + 1))
        echo "waits for $run" >&2
        sleep 1
    done
    kill -TERM "$child" || exit 143
}

# The agent's id, and of each executor that runs: its process, when that began, and its directory.
record_executors() {
    local run process time
    agent_id "$work_dir" || echo
    while read -r run; do
        process=$(cat "$run/pids/forked.pid" 2> /dev/null) && time=$(began "$process") && [ -n "$time" ] &&
            echo "$process $time $run"
    done < <(executor_runs "$work_dir")
}

# The root that the cgroups of a running executor are in; without any, the agent's own. With another one an agent would
# not find the executors of its command tasks again.
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
# A signal ends the wait, not the agent.
while true; do
    wait "$child"
    code=$?
    kill -0 "$child" 2> /dev/null || exit "$code"
done
