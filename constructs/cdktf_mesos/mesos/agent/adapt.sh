#!/bin/bash
# Adapts an agent to its host when the container starts: to the version of cgroups and to the Docker engine. So one
# definition of the container is right for every host. Follows host/cgroup_version.sh and docker_front.sh in the
# entrypoint's script.

# adapt_to_host <directory of its own> <directory with the hierarchies of cgroups> <variables> <what needs cgroup v1>
#
# The variables are those that the agent gets if the host has cgroup v2 only, such as MESOS_LAUNCHER=posix; - for an
# agent that knows cgroup v2. If the user has set something that needs cgroup v1 (not -), an agent on cgroup v2 does not
# start. Sets PATH.
adapt_to_host() {
    local own=$1 hierarchies=$2 variables=$3 needs_v1=$4 each line
    cgroup_entry=
    if [ "$(cgroup_version "$hierarchies")" = 2 ]; then
        if [ "$needs_v1" != - ]; then
            echo "cdktf-mesos: this host has cgroup v2, and $needs_v1 needs cgroup v1." \
                "Leave it out, or use a host with v1" >&2
            return 1
        fi
        line="cgroup v2: isolation $MESOS_ISOLATION"
        if [ "$variables" != - ]; then
            for each in $variables; do export "${each?}"; done
            line="cgroup v2: launcher ${MESOS_LAUNCHER-as in the flags}, isolation $MESOS_ISOLATION"
            line+="; Docker tasks keep their limits, but have no usage statistics; command tasks have no limits and end"
            line+=" with this container"
            pass_the_search_for_cgroups "$own" || return 1
        fi
    else
        line="cgroup v1: isolation $MESOS_ISOLATION"
    fi
    line+="; docker is $(put_front "$own")"
    echo "cdktf-mesos: $line" >&2
    PATH=$own/bin:$PATH
}

# An agent with the Docker containerizer ends if no hierarchy of cgroup v1 has the controller `cpu`. It goes on if it
# cannot tell, since the path of an entry in the mount table does not exist (Mesos, src/docker/docker.cpp,
# Docker::create; src/linux/cgroups.cpp, cgroups::hierarchies). This makes such an entry, in this container's mount
# namespace only: a hierarchy without controllers, and a tmpfs that hides it. The kernel lets only processes in its first
# cgroup namespace do so: the container has cgroupns_mode=host. docker_front.sh removes both.
pass_the_search_for_cgroups() {
    local why
    [[ ,$MESOS_CONTAINERIZERS, == *,docker,* ]] || return 0
    cgroup_entry=$1/cgroup
    mkdir -p "$cgroup_entry/entry"
    if ! why=$({ mount -t cgroup -o none,name=cdktf-mesos cgroup "$cgroup_entry/entry" &&
        mount -t tmpfs tmpfs "$cgroup_entry" && touch "$cgroup_entry/hidden"; } 2>&1); then
        echo "cdktf-mesos: this host has cgroup v2, and a mount that lets the agent start there failed: $why" >&2
        return 1
    fi
}

# Writes docker_front.sh into the container, and prints the path of the docker command that it runs. Always, on every
# host: so an engine that is upgraded under a running agent changes nothing for it, and there is only one way to test.
put_front() {
    local own=$1 real_docker
    real_docker=$(type -P docker) || { echo missing && return; }
    mkdir -p "$own/bin"
    {
        echo '#!/bin/bash'
        declare -f docker_front
        printf 'real_docker=%q cgroup_entry=%q\ndocker_front "$@"\n' "$real_docker" "$cgroup_entry"
    } > "$own/bin/docker"
    chmod +x "$own/bin/docker"
    echo "$real_docker"
}
