#!/bin/bash
# Checks what a machine needs for the tasks of its agents. Part of the machine check, which defines `wrong` and `seen`.
# In the environment: DATA_DIR; TASK_PORTS, the ranges of ports that agents offer to tasks: "31000-31999 …".

# An agent mounts persistent volumes below its work directory, and the engine must see these mounts, so the directory
# must be on a shared mount (Docker docs, bind propagation). Otherwise the engine refuses the agent's new container,
# after the old one has been removed.
check_propagation() {
    local directory point best='' rest shared=''
    directory=$(seen "$DATA_DIR")
    directory=${directory#/host}/
    while read -r _ _ _ _ point rest; do
        point=${point%/}/
        # If there are several mounts at one place, the last one counts.
        [[ $directory == "$point"* && ${#point} -ge ${#best} ]] || continue
        best=$point shared=$(grep -o ' shared:[0-9]*' <<< "${rest%% - *}")
    done < /host/proc/1/mountinfo
    # Remove the slash at the end, except from `/` itself.
    point=${best%/} point=${point:-/}
    [ -z "$best" ] || [ -n "$shared" ] ||
        wrong "$DATA_DIR" "a private mount, $point" "a shared one, for persistent volumes of tasks" \
            "mount --make-shared $point, at every boot (systemd makes all mounts shared)"
}

# The kernel uses the ports of its own range for outgoing connections, except those that are reserved (Linux kernel
# docs, ip-sysctl: ip_local_port_range, ip_local_reserved_ports).
check_task_ports() {
    local range first last low high reserved
    read -r low high < /host/proc/sys/net/ipv4/ip_local_port_range
    reserved=$(< /host/proc/sys/net/ipv4/ip_local_reserved_ports)
    for range in $TASK_PORTS; do
        first=${range%-*} last=${range#*-}
        [ "$first" -ge "$low" ] || first=$low
        [ "$last" -le "$high" ] || last=$high
        if [ "$first" -gt "$last" ] || is_reserved "$first" "$last"; then continue; fi
        wrong "ports $range" "the kernel's range $low-$high for outgoing connections" "ports that only tasks use" \
            "sysctl -w net.ipv4.ip_local_reserved_ports=${reserved:+$reserved,}$first-$last, and the same in /etc/sysctl.d"
    done
}

# is_reserved <first> <last>: whether all ports of the range are reserved. `reserved` is "8080,9148" or "31000-31999,…"
# in ascending order.
is_reserved() {
    local next=$1 last=$2 item
    for item in ${reserved//,/ }; do
        [ "${item%-*}" -gt "$next" ] || [ "${item#*-}" -lt "$next" ] || next=$((${item#*-} + 1))
    done
    [ "$next" -gt "$last" ]
}
