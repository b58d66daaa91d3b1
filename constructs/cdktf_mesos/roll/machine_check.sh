#!/bin/bash
# Says what of a machine is not as its members need it: run in a container that has the machine's root at /host. After
# role/ask.sh, before container/passed.sh.
# In the environment: NAME and ADDRESS of the machine; DATA_DIR; MIN_FREE_MIB; PORTS, "5050:prod-master …"; PEERS,
# "10.0.0.12:5050 …", which answer HTTP; MAX_SKEW in seconds; FILES, "/opt/docker/docker=<sha256> …"; AGENT, yes where
# tasks will run; DOCKER_CLI, the docker commands of the machine that agents use, one a line, and an empty line for
# agents that use their image's own; OVERRIDE.

something_is_wrong=

# wrong <thing> <what was found> <what was wanted> <what to do>
wrong() {
    echo "$NAME ($ADDRESS): $1: found $2, wanted $3: $4"
    something_is_wrong=yes
}

on_host() { limited 20 chroot /host "$@" 2>&1; }

# field <delimiter> <number> <text>
field() { cut -d "$1" -f "$2" <<< "$3"; }

check_engine() {
    local engine commands command
    engine=$(on_host docker version --format '{{.Server.Version}} {{.Server.APIVersion}}')
    if ! grep -Eq '^[0-9]+[.][0-9]+' <<< "$engine"; then
        wrong engine "$(tail -n 1 <<< "$engine")" "an engine that a docker command on the machine reaches" \
            "install docker's command line, start the engine"
        return
    fi
    [ "$AGENT" = yes ] || return
    mapfile -t commands <<< "$DOCKER_CLI"
    for command in "${commands[@]}"; do check_docker_command "$command" "$engine"; done
}

# check_docker_command <path, or nothing for the image's own> <version and API of the engine>
check_docker_command() {
    local command=$1 engine=$2 major shown client number least
    major=$(grep -o '^[0-9]*' <<< "$engine")
    shown="$(field ' ' 1 "$engine"), API $(field ' ' 2 "$engine")"
    if [ -z "$command" ]; then
        [ "$major" -lt 29 ] || wrong engine "$shown" "one before 29, as the docker command in Mesos's images wants it" \
            "install docker 25 or Debian's docker.io, or give agents a static docker command of Docker 25"
    elif [ "$major" -ge 26 ]; then
        client=$(on_host "$command" version --format '{{.Client.Version}}' | tail -n 1)
        number=$(grep -o '^[0-9]*' <<< "$client")
        least=$((major < 29 ? 0 : 25))
        if [ -z "$number" ] || [ "$number" -ge 26 ] || [ "$number" -lt "$least" ]; then
            wrong "$command" "$client" "Docker 25, for Mesos up to 1.11 on an engine $shown" "put that one there"
        fi
    fi
}

# The hierarchies of version 1; a machine with version 2 alone has no such folders.
check_cgroups() {
    if [ ! -d /host/sys/fs/cgroup/memory ] || [ ! -d /host/sys/fs/cgroup/cpu ]; then
        wrong cgroups "version 2" "version 1" "the kernel argument systemd.unified_cgroup_hierarchy=0, and a reboot"
    fi
}

check_disk() {
    local directory="/host$DATA_DIR" free
    until [ -d "$directory" ]; do directory=$(dirname "$directory"); done
    free=$(df -Pm "$directory" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
    [ "$free" -ge "$MIN_FREE_MIB" ] || wrong "$DATA_DIR" "$free MiB free" "$MIN_FREE_MIB" "make room, or a larger disk"
}

# check_file <path>=<digest>
check_file() {
    local path digest found
    path=$(field "=" 1 "$1") digest=$(field "=" 2 "$1")
    found=$(on_host sha256sum "$path" | tail -n 1)
    [ "$(field ' ' 1 "$found")" = "$digest" ] ||
        wrong "$path" "$found" "sha256 $digest" "put the file there that the digest was taken of"
}

# check_port <port>:<container>
check_port() {
    local port container state
    port=$(field : 1 "$1") container=$(field : 2 "$1")
    # Its own, if it runs; one that starts again and again may do so because of the port.
    state=$(on_host docker inspect --format '{{.State.Running}} {{.State.Restarting}}' "$container")
    [ "$state" != "true false" ] || return
    ! limited 2 bash -c "exec 3<> /dev/tcp/$ADDRESS/$port" 2> /dev/null ||
        wrong "port $port" "somebody who listens" "it free, for $container" "ss -ltnp says who; end it"
}

# check_clock <address>:<port>
check_clock() {
    local peer port ask date theirs skew
    peer=$(field : 1 "$1") port=$(field : 2 "$1")
    ask="exec 3<> /dev/tcp/$peer/$port; printf 'GET / HTTP/1.0\r\n\r\n' >&3; exec grep -im 1 '^date:' <&3"
    # One that does not answer is the other checks' matter; busybox's date cannot read the answer.
    date=$(limited 3 bash -c "$ask" 2> /dev/null | cut -d ' ' -f 2- | tr -d '\r')
    [ -n "$date" ] || return
    theirs=$(date -d "$date" +%s 2> /dev/null) || return
    skew=$(($(date +%s) - theirs))
    if [ "$skew" -gt "$MAX_SKEW" ] || [ "$((-skew))" -gt "$MAX_SKEW" ]; then
        wrong clock "$skew s beside $peer" "$MAX_SKEW s at most" "have both follow the same time servers (chrony)"
    fi
}

find_limit 2> /dev/null ||
    wrong "the image" "no timeout command" "one, as all this has a limit" "another image, or look at the rest yourself"
check_engine
[ "$AGENT" != yes ] || check_cgroups
check_disk
for each in $FILES; do check_file "$each"; done
for each in $PORTS; do check_port "$each"; done
for each in $PEERS; do check_clock "$each"; done
[ -z "$something_is_wrong" ] || [ "$OVERRIDE" = true ] || exit 1
