#!/bin/bash
# The command `docker` of the agent: it stands before the real one on the agent's PATH. entrypoint.sh writes it into the
# container, as this function and the variables that adapt.sh names.

# An agent reads `ContainerConfig` of an image, only to see that it can be read (Mesos, src/docker/docker.cpp,
# Docker::Image::create). An engine leaves it out for clients of API 1.45 or later, and for all clients if images are in
# containerd's store (Docker Engine API version history, 1.45; moby, daemon/containerd). `Config` has the same values, and
# every engine sends it. Clusterd reads `Config`, so the answer has both. For Mesos, the name of an image always has a
# colon: it adds `:latest` to a name without a tag. The name of a container never has one.
docker_front() {
    local image=${!#} values='{"Entrypoint":{{json .Config.Entrypoint}},"Env":{{json .Config.Env}}}'
    # An agent looks for cgroups once, before it first runs docker. If the entry in the mount table that let it pass
    # stayed, releases before 1.9 would end a container whenever they set its limits: the entry is an error for them.
    # shellcheck disable=SC2154 # adapt.sh sets these variables
    if [ -n "$cgroup_entry" ] && [ -e "$cgroup_entry/hidden" ]; then
        umount "$cgroup_entry" && umount "$cgroup_entry/entry"
    fi
    # Without the socket in Mesos 0.22.
    case "$# $1 ${3-}" in
        "2 inspect " | "4 -H inspect")
            if [[ $image == *:* ]]; then
                set -- "${@:1:$#-1}" --format "[{\"ContainerConfig\":$values,\"Config\":$values}]" "$image"
            fi
            ;;
    esac
    # shellcheck disable=SC2154
    exec "$real_docker" "$@"
}
