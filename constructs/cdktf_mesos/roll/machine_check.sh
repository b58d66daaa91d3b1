#!/bin/bash
# Checks whether a machine has what its members need. It runs in a container that has the machine's root directory at
# /host. Comes after role/ask.sh, engine_checks.sh and task_checks.sh, before container/passed.sh.
# In the environment: NAME and ADDRESS of the machine; DATA_DIR; MIN_FREE_MIB; PORTS, "5050:prod-master …", UDP
# ports as "53/udp:prod-dns"; PEERS, "10.0.0.12:5050 …", which answer HTTP; MAX_SKEW in seconds; FILES, "/opt/docker/docker=<sha256> …"; AGENT, yes if the
# machine will run tasks; LOCK, the id of the lock that the deploy holds, or nothing; OVERRIDE, true to pass in any case.

something_is_wrong=
# engine: version and API version of the engine. measured: the mount points of the disks that were measured.
engine='' measured=

# wrong <thing> <what was found> <what was wanted> <what to do>
wrong() {
    echo "$NAME ($ADDRESS): $1: found $2, wanted $3: $4"
    something_is_wrong=yes
}

# on_host <command> …: runs a command of the machine, with a time limit.
on_host() { limited 20 chroot /host "$@" 2>&1; }

# field <delimiter> <number> <text>
field() { cut -d "$1" -f "$2" <<< "$3"; }

# The docker command that reaches the machine's engine: the machine's own, otherwise that of the image; images of agents
# have one.
docker=(chroot /host docker)
engine_says() { engine_says_within 20 "$@"; }

# engine_says_within <seconds> <argument of docker> …
engine_says_within() {
    local seconds=$1
    shift
    limited "$seconds" "${docker[@]}" "$@" 2>&1
}

# Sets `engine`. If it stays empty, the members' ports are not checked, since only the engine knows which containers
# run.
check_engine() {
    local answer
    answer=$(engine_version)
    if ! grep -Eq "$a_version" <<< "$answer" && [ -S /host/run/docker.sock ]; then
        docker=(docker -H unix:///host/run/docker.sock)
        engine=$(engine_version | grep -E "$a_version")
    else
        engine=$(grep -E "$a_version" <<< "$answer")
    fi
    check_name_servers
    if [ -z "$engine" ]; then
        # There is an engine, since it runs this container. But agents need its socket for their tasks.
        if [ "$AGENT" = yes ]; then
            wrong engine "$(tail -n 1 <<< "$answer")" "an engine that a docker command on the machine reaches" \
                "install docker's command line, and have the engine listen on /var/run/docker.sock"
        else
            echo "$NAME ($ADDRESS): no docker command on the machine reaches its engine: ports are not checked"
        fi
        return
    fi
    [ "$AGENT" != yes ] || check_docker_commands "${engine%% *}"
}

# check_lock: whether somebody else holds the lock of the machine. A line of its label is the id and "held by …".
check_lock() {
    local held
    [ -n "$engine" ] || return
    held=$(engine_says ps --all --filter label=cdktf-mesos.lock --format '{{.Label "cdktf-mesos.lock"}}' |
        grep -E '^[0-9a-f]+ held by ' | grep -v "^${LOCK:-none} " | head -n 1 | cut -d ' ' -f 2-)
    [ -z "$held" ] || wrong lock "it $held" "no lock of somebody else" \
        "wait until that ends; if it was broken off and nobody works any more: cdktf-mesos lock --remove"
}

a_version='^[0-9]+[.][0-9]+'
engine_version() { engine_says version --format '{{.Server.Version}} {{.Server.APIVersion}}'; }

# Checks the disks of the data and of the images. Images are below the engine's root directory, or below that of
# containerd (Docker docs, containerd image store).
check_disks() {
    local info root
    info=$(engine_says info --format '{{.DockerRootDir}} {{.DriverStatus}}' | grep '^/')
    root=$(field ' ' 1 "${info:-/var/lib/docker}")
    check_disk "$DATA_DIR"
    [ ! -d "$(seen "$root")" ] || check_disk "$root"
    ! grep -q 'io.containerd.snapshotter' <<< "$info" || check_disk /var/lib/containerd
}

# check_disk <directory>: checks the disk that it is on, each disk once.
check_disk() {
    local directory free mounted
    directory=$(seen "$1")
    until [ -d "$directory" ]; do directory=$(dirname "$directory"); done
    read -r _ _ _ free _ mounted < <(df -Pm "$directory" | tail -n 1)
    ! grep -Fqx "$mounted" <<< "$measured" || return 0
    measured+=$mounted$'\n'
    [ "$free" -ge "$MIN_FREE_MIB" ] || wrong "$1" "$free MiB free" "$MIN_FREE_MIB" "make room, or a larger disk"
}

# seen <path of the machine>: the path at which this container sees it. The machine must resolve its symbolic links:
# here, below /host, an absolute one would lead elsewhere.
seen() {
    echo "/host$({ on_host readlink -m "$1" || on_host readlink -f "$1"; } | grep '^/' || echo "$1")"
}

# check_file <path>=<digest>
check_file() {
    local path digest found
    path=$(field "=" 1 "$1") digest=$(field "=" 2 "$1")
    found=$(on_host sha256sum "$path" | tail -n 1)
    [ "$(field ' ' 1 "$found")" = "$digest" ] ||
        wrong "$path" "$found" "sha256 $digest" "put the file with this digest there"
}

# check_address: whether the machine has the address. Members can listen only on an address of the machine, not on that
# of a router or NAT, or of another machine.
check_address() {
    local own network bits number
    [ "$(cat /proc/sys/net/ipv4/ip_nonlocal_bind)" != 1 ] || return 0
    own=$(own_networks | sort -u)
    number=$(number_of "$ADDRESS")
    for network in $own; do
        bits=$((32 - $(field / 2 "$network")))
        [ $((number >> bits)) -ne $(($(number_of "$(field / 1 "$network")") >> bits)) ] || return 0
    done
    # If the kernel does not list the machine's addresses, nothing is refused.
    [ -n "$own" ] || return 0
    wrong address "$(grep -v '^127[.]' <<< "$own" | grep '/32$' | cut -d / -f 1 | paste -sd ' ')" \
        "$ADDRESS on an interface of this machine" \
        "use the address of an interface, not that of a router or NAT; or the engine of the machine that has it"
    return 1
}

# Prints the networks whose addresses are the machine's own: "127.0.0.0/8", "10.0.0.11/32" (Linux, /proc/net/fib_trie).
own_networks() {
    local first second third leaf=
    while read -r first second third _; do
        [ "$first" != '|--' ] || leaf=$second
        [ "$second $third" != 'host LOCAL' ] || echo "$leaf$first"
    done < /proc/net/fib_trie
}

# number_of <IPv4 address>: the address as a number.
number_of() {
    local IFS=. parts
    read -ra parts <<< "$1"
    echo $(((parts[0] << 24) + (parts[1] << 16) + (parts[2] << 8) + parts[3]))
}

# check_port <port>:<container>: whether no process but the container's uses the port. A UDP port is <port>/udp.
check_port() {
    local port container state
    [ -n "$engine" ] || return
    port=$(field : 1 "$1") container=$(field : 2 "$1")
    # While the container runs, the port is its own. A container that keeps restarting may do so because the port is
    # taken.
    state=$(engine_says inspect --format '{{.State.Running}} {{.State.Restarting}}' "$container")
    [ "$state" != "true false" ] || return
    case $port in
        */udp) ! has_udp "${port%/udp}" || taken "$port" "$container" -lunp ;;
        *) ! limited 2 bash -c "exec 3<> /dev/tcp/$ADDRESS/$port" 2> /dev/null || taken "$port" "$container" -ltnp ;;
    esac
}

# taken <port> <container> <options of ss>
taken() {
    local others
    others=$(other_members)
    wrong "port $1" "a process that listens" "it free, for $2" "find it with ss $3, and end it${others:+. The program \
does not name these members: $others. If the cluster was renamed, put the name back: with another one it has no data}"
}

# other_members: prints the members that run on the machine, but not under a name that the program has there.
other_members() {
    engine_says ps --filter label=cdktf-mesos.role --format '{{.Names}}' | grep -E '^[a-zA-Z0-9][a-zA-Z0-9_.-]*$' |
        grep -vxF "$(tr ' ' '\n' <<< "$PORTS" | cut -d : -f 2)" | paste -sd ' '
}

# has_udp <port>: whether a process has the UDP port, at the machine's address or at all addresses (proc(5), net/udp).
has_udp() {
    local parts at
    IFS=. read -ra parts <<< "$ADDRESS"
    at=$(printf '%02X%02X%02X%02X:%04X' "${parts[3]}" "${parts[2]}" "${parts[1]}" "${parts[0]}" "$1")
    cat /proc/net/udp /proc/net/udp6 2> /dev/null | grep -Eq "^ *[0-9]+: ($at|0+:${at#*:}) "
}

# check_clock <address>:<port>
check_clock() {
    local peer port ask date theirs skew=0 before after
    peer=$(field : 1 "$1") port=$(field : 2 "$1")
    ask="exec 3<> /dev/tcp/$peer/$port; printf 'GET / HTTP/1.0\r\n\r\n' >&3; exec grep -im 1 '^date:' <&3"
    before=$(date +%s)
    # Nothing is compared if the peer does not answer, which preflights check, or if `date` cannot read its answer, as
    # busybox's cannot.
    date=$(limited 3 bash -c "$ask" 2> /dev/null | cut -d ' ' -f 2- | tr -d '\r')
    [ -n "$date" ] || return
    theirs=$(date -d "$date" +%s 2> /dev/null) || return
    after=$(date +%s)
    # The peer answered between `before` and `after`, so any time between these two is no difference.
    if [ "$theirs" -lt "$before" ]; then
        skew=$((before - theirs))
    elif [ "$theirs" -gt "$after" ]; then
        skew=$((after - theirs))
    fi
    if [ "$skew" -gt "$MAX_SKEW" ] || [ "$((-skew))" -gt "$MAX_SKEW" ]; then
        wrong clock "a difference of $skew s to $peer" "$MAX_SKEW s at most" \
            "have both follow the same time servers (chrony)"
    fi
}

# The addresses become part of bash commands below. They may be unknown until Terraform runs, so they are checked here.
for each in "$ADDRESS" $PEERS; do
    if ! [[ $each =~ ^[0-9]+([.][0-9]+){3}(:[0-9]+)?$ ]]; then
        echo "$NAME: address: found $(printf %q "$each"), wanted an IPv4 address: check where the program takes it from"
        exit 1
    fi
done
find_limit 2> /dev/null ||
    wrong "the image" "no timeout command" "one, for the time limits of this check" \
        "use another image, or check the machine by hand"
check_engine
check_lock
if [ "$AGENT" = yes ]; then
    check_cgroups
    check_propagation
    check_task_ports
fi
check_disks
for each in $FILES; do check_file "$each"; done
# With another machine's address, these would be the ports of that machine.
if check_address; then for each in $PORTS; do check_port "$each"; done; fi
for each in $PEERS; do check_clock "$each"; done
[ -z "$something_is_wrong" ] || [ "$OVERRIDE" = true ] || exit 1
