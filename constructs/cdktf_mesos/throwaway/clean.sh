#!/bin/bash
# Removes what the members of a throwaway cluster leave on the engine's machine. It runs in a container with the host's
# process ids, when all containers of the cluster are gone.
# Arguments: the directory with a directory for each cluster; the directory of the agents' state of running containers;
# the directory with the hierarchies of cgroups; the cluster's name; the names of its agents' containers.

# Prints the cgroups of an agent, the innermost first.
cgroups_of() {
    find "$hierarchies" -mindepth 1 -depth -type d \( -path "$hierarchies/mesos-$1" -o -path "$hierarchies/mesos-$1/*" \
        -o -path "$hierarchies/*/mesos-$1" -o -path "$hierarchies/*/mesos-$1/*" \) 2> /dev/null
}

# Kills the command tasks of an agent, which run in its cgroups, and removes these. A process may start another one
# while it is killed, so this tries several times.
remove_cgroups() {
    local try cgroup process
    [ -n "$(cgroups_of "$1")" ] || return 0
    for ((try = 0; try < 50; try++)); do
        while read -r cgroup; do
            [ ! -e "$cgroup/freezer.state" ] || echo THAWED > "$cgroup/freezer.state"
            while read -r process; do
                kill -KILL "$process"
            done < "$cgroup/cgroup.procs"
            rmdir "$cgroup"
        done < <(cgroups_of "$1") 2> /dev/null
        [ -n "$(cgroups_of "$1")" ] || { echo "cgroups of $1" && return; }
        sleep 0.1
    done
    echo "cannot remove $(cgroups_of "$1" | tail -n 1)" >&2
    return 1
}

remove_directory() {
    local mounted
    [ -e "$1" ] || return 0
    # An agent has mounted the persistent volumes of its tasks below its directory.
    while read -r mounted; do
        umount -l "$mounted" || return 1
    done < <(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
    rm -rf -- "$1" && echo "directory $1"
}

clean() {
    local clusters=$1 runtime=$2 hierarchies=$3 name=$4 failed=0 agent
    shift 4
    for agent in "$@"; do
        remove_cgroups "$agent" || failed=1
        remove_directory "$runtime/$agent" || failed=1
    done
    remove_directory "$clusters/$name" || failed=1
    # The directory of the last cluster leaves an empty one.
    rmdir "$clusters" 2> /dev/null || true
    return "$failed"
}
clean "$@"
