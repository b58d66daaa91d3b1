#!/bin/bash
# Checks what a machine needs for the tasks of its agents. Part of the machine check, which defines `wrong` and `seen`.
# Comes after host/task_ports.sh.
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

check_task_ports() {
    local range found low high reserved
    read -r low high < /host/proc/sys/net/ipv4/ip_local_port_range
    reserved=$(< /host/proc/sys/net/ipv4/ip_local_reserved_ports)
    for range in $TASK_PORTS; do
        found=$(not_reserved "$range" "$low" "$high" "$reserved")
        [ -n "$found" ] || continue
        wrong "ports $range" "the kernel's range $low-$high for outgoing connections" "ports that only tasks use" \
            "sysctl -w net.ipv4.ip_local_reserved_ports=${reserved:+$reserved,}$found, and the same in /etc/sysctl.d"
    done
}
