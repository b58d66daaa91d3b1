# Says what of a machine is not as its members need it: run in a container that has the machine's root at /host.
# In the environment: NAME and ADDRESS of the machine; DATA_DIR; MIN_FREE_MIB; PORTS, "5050:prod-master …"; PEERS,
# "10.0.0.12:5050 …", which answer HTTP; MAX_SKEW in seconds; FILES, "/opt/docker/docker=<sha256> …"; AGENT, yes where
# tasks will run; DOCKER_CLI, the docker command of the machine that agents use, if not their images' own; OVERRIDE.
bad=
wrong() { echo "$NAME ($ADDRESS): $1: found $2, wanted $3: $4"; bad=yes; }
# Older busybox wants -t, as for LIMIT in probe.py.
{ limit=timeout; $limit 1 true || limit='timeout -t'; $limit 1 true; } 2> /dev/null ||
    wrong "the image" "no timeout command" "one, as all this has a limit" "another image, or look at the rest yourself"
on_host() { $limit 20 chroot /host "$@" 2>&1; }

engine=$(on_host docker version --format '{{.Server.Version}} {{.Server.APIVersion}}')
if ! grep -Eq '^[0-9]+[.][0-9]+' <<< "$engine"; then
    wrong engine "$(tail -n 1 <<< "$engine")" "an engine that a docker command on the machine reaches" \
        "install docker's command line, start the engine"
elif [ "$AGENT" = yes ]; then
    major=$(grep -o '^[0-9]*' <<< "$engine")
    said="$(cut -d ' ' -f 1 <<< "$engine"), API $(cut -d ' ' -f 2 <<< "$engine")"
    if [ -z "$DOCKER_CLI" ]; then
        [ "$major" -lt 29 ] || wrong engine "$said" "one before 29, as the docker command in Mesos's images wants it" \
            "install docker 25 or Debian's docker.io, or give agents a static docker command of Docker 25"
    elif [ "$major" -ge 26 ]; then
        client=$(on_host "$DOCKER_CLI" version --format '{{.Client.Version}}' | tail -n 1)
        least=$((major < 29 ? 0 : 25)) number=$(grep -o '^[0-9]*' <<< "$client")
        [ -n "$number" ] && [ "$number" -lt 26 ] && [ "$number" -ge "$least" ] ||
            wrong "$DOCKER_CLI" "$client" "Docker 25, for Mesos up to 1.11 on an engine $said" "put that one there"
    fi
fi

# The hierarchies of version 1; with version 2 alone there is none of them.
if [ "$AGENT" = yes ] && ! { [ -d /host/sys/fs/cgroup/memory ] && [ -d /host/sys/fs/cgroup/cpu ]; }; then
    wrong cgroups "version 2" "version 1" "the kernel argument systemd.unified_cgroup_hierarchy=0, and a reboot"
fi

there="/host$DATA_DIR"
until [ -d "$there" ]; do there=$(dirname "$there"); done
free=$(df -Pm "$there" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
[ "$free" -ge "$MIN_FREE_MIB" ] || wrong "$DATA_DIR" "$free MiB free" "$MIN_FREE_MIB" "make room, or a larger disk"

for each in $FILES; do
    path=$(cut -d = -f 1 <<< "$each") digest=$(cut -d = -f 2 <<< "$each")
    found=$(on_host sha256sum "$path" | tail -n 1)
    [ "$(cut -d ' ' -f 1 <<< "$found")" = "$digest" ] ||
        wrong "$path" "$found" "sha256 $digest" "put the file there that the digest was taken of"
done

for each in $PORTS; do
    port=$(cut -d : -f 1 <<< "$each") container=$(cut -d : -f 2 <<< "$each")
    # Its own, if it runs; one that starts again and again may do so because of the port.
    state=$(on_host docker inspect --format '{{.State.Running}} {{.State.Restarting}}' "$container")
    [ "$state" != "true false" ] || continue
    ! $limit 2 bash -c "exec 3<> /dev/tcp/$ADDRESS/$port" 2> /dev/null ||
        wrong "port $port" "somebody who listens" "it free, for $container" "ss -ltnp says who; end it"
done

for each in $PEERS; do
    address=$(cut -d : -f 1 <<< "$each") port=$(cut -d : -f 2 <<< "$each")
    ask="exec 3<> /dev/tcp/$address/$port; printf 'GET / HTTP/1.0\r\n\r\n' >&3; exec grep -im 1 '^date:' <&3"
    # One that does not answer is the other checks' matter; busybox's date cannot read the answer.
    theirs=$($limit 3 bash -c "$ask" 2> /dev/null | cut -d ' ' -f 2- | tr -d '\r')
    [ -n "$theirs" ] && theirs=$(date -d "$theirs" +%s 2> /dev/null) || continue
    skew=$(($(date +%s) - theirs))
    if [ "$skew" -gt "$MAX_SKEW" ] || [ "$((-skew))" -gt "$MAX_SKEW" ]; then
        wrong clock "$skew s beside $address" "$MAX_SKEW s at most" "have both follow the same time servers (chrony)"
    fi
done

[ -z "$bad" ] || [ "$OVERRIDE" = true ] || exit 1
