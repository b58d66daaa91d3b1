#!/bin/bash
# Which ports of tasks the kernel may use for outgoing connections. It uses those of its own range, except those that
# are reserved (Linux kernel docs, ip-sysctl: ip_local_port_range, ip_local_reserved_ports).

# not_reserved <range> <first of the kernel's> <last of the kernel's> <reserved>: prints the ports of the range, such as
# 31000-31999, that the kernel may use, unless all of them are reserved: "8080,9148" or "31000-31999,…", ascending.
not_reserved() {
    local first=${1%-*} last=${1#*-} next item
    [ "$first" -ge "$2" ] || first=$2
    [ "$last" -le "$3" ] || last=$3
    next=$first
    for item in ${4//,/ }; do
        [ "${item%-*}" -gt "$next" ] || [ "${item#*-}" -lt "$next" ] || next=$((${item#*-} + 1))
    done
    if [ "$next" -le "$last" ]; then echo "$first-$last"; fi
}
