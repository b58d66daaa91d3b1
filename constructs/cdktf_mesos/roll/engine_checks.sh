#!/bin/bash
# What a machine's engine must be like, and its cgroups for the tasks of its agents; part of the machine check, which
# defines `wrong` and `engine_says_within`. Comes after host/cgroup_version.sh.
# In the environment: NEEDS_CGROUP, lines with a version of cgroups and what needs it; DOCKER_COMMANDS, lines with the
# docker commands that start tasks: who uses it, its image, the engine's socket, and its path on the machine or -;
# RUN_SECONDS, how long each of them may take in a container: it takes one second, but more on a machine with much load;
# NAME_SERVERS, the addresses of the cluster's own.

check_cgroups() {
    local found version what argument=systemd.unified_cgroup_hierarchy=0
    found=$(cgroup_version /host/sys/fs/cgroup)
    if [ "$found" = 1 ] && { [ ! -d /host/sys/fs/cgroup/memory ] || [ ! -d /host/sys/fs/cgroup/cpu ]; }; then
        wrong cgroups "none for memory and cpu" "version 1 with both, or version 2" "mount them, as systemd does"
    fi
    while read -r version what; do
        [ -n "$version" ] && [ "$version" != "$found" ] || continue
        if [ "$version" = 1 ]; then
            wrong cgroups "version 2" "version 1 for $what" \
                "do without it, or set the kernel argument $argument (for systemd up to 255) and reboot"
        else
            wrong cgroups "version 1" "version 2 for $what" "remove the kernel argument $argument and reboot"
        fi
    done <<< "$NEEDS_CGROUP"
    if [ "$found" = 2 ] && ! grep -q '^2 ' <<< "$NEEDS_CGROUP"; then
        echo "$NAME ($ADDRESS): cgroups have version 2, so Docker tasks have no usage statistics," \
            "and command tasks have no limits and end with their agent's container"
    fi
}

# check_docker_commands <version of the engine>: engines before 25 accept every docker command that Mesos can use.
check_docker_commands() {
    local user image socket path
    [ "${1%%.*}" -ge 25 ] || return 0
    while read -r user image socket path; do
        [ -z "$user" ] || check_docker_command "$1" "$user" "$image" "$socket" "$path"
    done <<< "$DOCKER_COMMANDS"
}

# check_docker_command <version of the engine> <user> <image> <socket> <path on the machine, or ->: runs the command as
# its users do, in a container of the image. Nothing else says whether the engine accepts it.
check_docker_command() {
    local engine=$1 user=$2 image=$3 socket=$4 path=$5 answer instead mounts
    mounts=(-v "$socket:$socket")
    [ "$path" = - ] || mounts+=(-v "$path:/usr/bin/docker:ro")
    answer=$(engine_says_within "$RUN_SECONDS" run --rm --network none --security-opt label=disable "${mounts[@]}" \
        --entrypoint docker "$image" -H "unix://$socket" version --format '{{.Server.Version}}' < /dev/null |
        grep -Ev "^\$|docker run --help" | tail -n 1)
    [ "$answer" != "$engine" ] || return 0
    if [ -z "$answer" ]; then
        wrong "docker command of $user in $image" "no answer" "one of the engine $engine within $RUN_SECONDS s" \
            "find out why the engine runs no container of this image, or is so slow: preflight_seconds gives it more time"
        return
    fi
    if [ "$user" = agents ]; then
        instead="set docker_cli to a static docker command of Docker 25 or later"
    else
        instead="set docker_mesos_image to an image with the docker command of Docker 25 or later"
    fi
    wrong "docker command of $user in $image" "$answer" "one that the engine $engine accepts" \
        "$instead; or set \"min-api-version\": \"1.24\" in the engine's daemon.json, if the command is only too old"
}

# Refuses the cluster's own name servers as those of the engine: its containers, those of the cluster too, would depend on
# what depends on them. Only daemon.json says which ones an engine has.
check_name_servers() {
    local servers each
    servers=$(tr -d ' \t\n' < /host/etc/docker/daemon.json 2> /dev/null | grep -Eo '"dns":\[[^]]*\]') || return 0
    for each in $NAME_SERVERS; do
        ! grep -qF "\"$each\"" <<< "$servers" || wrong "dns in /etc/docker/daemon.json" "$each, of this cluster" \
            "other name servers: the cluster's containers would need this one, and it needs them" \
            "remove it and restart the engine; tasks get it from their agents or their apps"
    done
}
