#!/bin/bash
# Says what of a machine is not as its members need it: run in a container that has the machine's root at /host. After
# role/ask.sh and task_checks.sh, before container/passed.sh.
# In the environment: NAME and ADDRESS of the machine; DATA_DIR; MIN_FREE_MIB; PORTS, "5050:prod-master …"; PEERS,
# "10.0.0.12:5050 …", which answer HTTP; MAX_SKEW in seconds; FILES, "/opt/docker/docker=<sha256> …"; AGENT, yes where
# tasks will run; DOCKER_CLI, the docker commands of the machine that agents use, one a line, and an empty line for
# agents that use their image's own; OVERRIDE.

something_is_wrong=
# The engine's version and API; the disks that were measured, by where they are mounted.
engine='' measured=

# wrong <thing> <what was found> <what was wanted> <what to do>
wrong() {
    echo "$NAME ($ADDRESS): $1: found $2, wanted $3: $4"
    something_is_wrong=yes
}

on_host() { limited 20 chroot /host "$@" 2>&1; }

# field <delimiter> <number> <text>
field() { cut -d "$1" -f "$2" <<< "$3"; }

# The docker command that reaches the machine's engine: the machine's own, else that of the image, which has one where
# tasks run.
docker=(chroot /host docker)
engine_says() { limited 20 "${docker[@]}" "$@" 2>&1; }

# Without an answer the members' ports are not looked at, as nothing says whose they are.
check_engine() {
    local said commands command
    said=$(engine_version)
    if ! grep -Eq "$a_version" <<< "$said" && [ -S /host/run/docker.sock ]; then
        docker=(docker -H unix:///host/run/docker.sock)
        engine=$(engine_version | grep -E "$a_version")
    else
        engine=$(grep -E "$a_version" <<< "$said")
    fi
    if [ -z "$engine" ]; then
        # The engine runs this very check. Only agents need more: its socket, for their tasks.
        if [ "$AGENT" = yes ]; then
            wrong engine "$(tail -n 1 <<< "$said")" "an engine that a docker command on the machine reaches" \
                "install docker's command line, have the engine listen on /var/run/docker.sock"
        else
            echo "$NAME ($ADDRESS): no docker command on the machine reaches its engine: ports are not looked at"
        fi
        return
    fi
    [ "$AGENT" = yes ] || return
    mapfile -t commands <<< "$DOCKER_CLI"
    for command in "${commands[@]}"; do check_docker_command "$command" "$engine"; done
}

a_version='^[0-9]+[.][0-9]+'
engine_version() { engine_says version --format '{{.Server.Version}} {{.Server.APIVersion}}'; }

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

# The data, and images: below the engine's root, or below that of containerd (Docker docs, containerd image store).
check_disks() {
    local info root
    info=$(engine_says info --format '{{.DockerRootDir}} {{.DriverStatus}}' | grep '^/')
    root=$(field ' ' 1 "${info:-/var/lib/docker}")
    check_disk "$DATA_DIR"
    [ ! -d "$(seen "$root")" ] || check_disk "$root"
    ! grep -q 'io.containerd.snapshotter' <<< "$info" || check_disk /var/lib/containerd
}

# check_disk <directory>: each disk once.
check_disk() {
    local directory free mounted
    directory=$(seen "$1")
    until [ -d "$directory" ]; do directory=$(dirname "$directory"); done
    read -r _ _ _ free _ mounted < <(df -Pm "$directory" | tail -n 1)
    ! grep -Fqx "$mounted" <<< "$measured" || return 0
    measured+=$mounted$'\n'
    [ "$free" -ge "$MIN_FREE_MIB" ] || wrong "$1" "$free MiB free" "$MIN_FREE_MIB" "make room, or a larger disk"
}

# seen <path of the machine>: where this container sees it. Links of the machine lead elsewhere here.
seen() {
    echo "/host$({ on_host readlink -m "$1" || on_host readlink -f "$1"; } | grep '^/' || echo "$1")"
}

# check_file <path>=<digest>
check_file() {
    local path digest found
    path=$(field "=" 1 "$1") digest=$(field "=" 2 "$1")
    found=$(on_host sha256sum "$path" | tail -n 1)
    [ "$(field ' ' 1 "$found")" = "$digest" ] ||
        wrong "$path" "$found" "sha256 $digest" "put the file there that the digest was taken of"
}

# Members could not listen on an address that the machine does not have: that of a router or NAT, or of another machine.
check_address() {
    local own network bits number
    [ "$(cat /proc/sys/net/ipv4/ip_nonlocal_bind)" != 1 ] || return 0
    own=$(own_networks | sort -u)
    number=$(number_of "$ADDRESS")
    for network in $own; do
        bits=$((32 - $(field / 2 "$network")))
        [ $((number >> bits)) -ne $(($(number_of "$(field / 1 "$network")") >> bits)) ] || return 0
    done
    # A kernel that does not say what it has.
    [ -n "$own" ] || return 0
    wrong address "$(grep -v '^127[.]' <<< "$own" | grep '/32$' | cut -d / -f 1 | paste -sd ' ')" \
        "$ADDRESS on an interface of this machine" \
        "give the address of an interface, not that of a router or NAT; or the engine of the machine that has it"
    return 1
}

# The networks whose addresses the machine takes for its own: "127.0.0.0/8", "10.0.0.11/32" (Linux, /proc/net/fib_trie).
own_networks() {
    local first second third leaf=
    while read -r first second third _; do
        [ "$first" != '|--' ] || leaf=$second
        [ "$second $third" != 'host LOCAL' ] || echo "$leaf$first"
    done < /proc/net/fib_trie
}

number_of() {
    local IFS=. parts
    read -ra parts <<< "$1"
    echo $(((parts[0] << 24) + (parts[1] << 16) + (parts[2] << 8) + parts[3]))
}

# check_port <port>:<container>
check_port() {
    local port container state
    [ -n "$engine" ] || return
    port=$(field : 1 "$1") container=$(field : 2 "$1")
    # Its own, if it runs; one that starts again and again may do so because of the port.
    state=$(engine_says inspect --format '{{.State.Running}} {{.State.Restarting}}' "$container")
    [ "$state" != "true false" ] || return
    ! limited 2 bash -c "exec 3<> /dev/tcp/$ADDRESS/$port" 2> /dev/null ||
        wrong "port $port" "somebody who listens" "it free, for $container" "ss -ltnp says who; end it"
}

# check_clock <address>:<port>
check_clock() {
    local peer port ask date theirs skew=0 before after
    peer=$(field : 1 "$1") port=$(field : 2 "$1")
    ask="exec 3<> /dev/tcp/$peer/$port; printf 'GET / HTTP/1.0\r\n\r\n' >&3; exec grep -im 1 '^date:' <&3"
    before=$(date +%s)
    # One that does not answer is the other checks' matter; busybox's date cannot read the answer.
    date=$(limited 3 bash -c "$ask" 2> /dev/null | cut -d ' ' -f 2- | tr -d '\r')
    [ -n "$date" ] || return
    theirs=$(date -d "$date" +%s 2> /dev/null) || return
    after=$(date +%s)
    # It was read in between: the time that an answer takes is no difference between clocks.
    if [ "$theirs" -lt "$before" ]; then
        skew=$((before - theirs))
    elif [ "$theirs" -gt "$after" ]; then
        skew=$((after - theirs))
    fi
    if [ "$skew" -gt "$MAX_SKEW" ] || [ "$((-skew))" -gt "$MAX_SKEW" ]; then
        wrong clock "$skew s beside $peer" "$MAX_SKEW s at most" "have both follow the same time servers (chrony)"
    fi
}

# Scripts are made of these addresses, and Terraform may know them alone.
for each in "$ADDRESS" $PEERS; do
    if ! [[ $each =~ ^[0-9]+([.][0-9]+){3}(:[0-9]+)?$ ]]; then
        echo "$NAME: address: found $(printf %q "$each"), wanted an IPv4 address: look where the program has it from"
        exit 1
    fi
done
find_limit 2> /dev/null ||
    wrong "the image" "no timeout command" "one, as all this has a limit" "another image, or look at the rest yourself"
check_engine
if [ "$AGENT" = yes ]; then
    check_cgroups
    check_propagation
    check_task_ports
fi
check_disks
for each in $FILES; do check_file "$each"; done
# At another machine's address its ports would be asked.
if check_address; then for each in $PORTS; do check_port "$each"; done; fi
for each in $PEERS; do check_clock "$each"; done
[ -z "$something_is_wrong" ] || [ "$OVERRIDE" = true ] || exit 1
