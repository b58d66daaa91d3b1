#!/bin/bash
# Makes a machine a host of a cluster: Debian 12, 13, Ubuntu 22.04 or 24.04. Run it as root:
#   plan    prints what would be changed, and changes nothing
#   apply   makes the changes, and prints how to undo each. /var/lib/cdktf-mesos-host/changes keeps that list.
# Without options it prepares for the user that has called sudo, and for /var/lib/cdktf-mesos.
# Comes after host/changes.sh, host/prepare_steps.sh, host/task_ports.sh and host/resolved.sh.

# shellcheck disable=SC2034 # the other files read them
NAME="" LOGIN_USER=${SUDO_USER:-root} DATA_DIR=/var/lib/cdktf-mesos MIRROR="" TASK_PORTS=31000-32000 MESOS_DNS="" ENGINE_METRICS=""
# shellcheck disable=SC2034
LOG=/var/log/cdktf-mesos-prepare.log APT_SECONDS=120
KNOWN="debian 12, debian 13, ubuntu 22.04, ubuntu 24.04"

usage() {
    echo "usage: prepare.sh plan | apply [--user USER] [--data-dir DIRECTORY] [--mirror URL] [--task-ports 31000-32000,…]"
    echo "                               [--mesos-dns DOMAIN=ADDRESS,…] [--engine-metrics ADDRESS:PORT]"
    exit 64
} >&2

options() {
    local form
    while [ $# -ge 2 ]; do
        case $1 in
            --user) LOGIN_USER=$2 form='[A-Za-z_][A-Za-z0-9_.-]*' ;;
            --data-dir) DATA_DIR=$2 form='(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+' ;;
            --mirror) MIRROR=$2 form='https?://[A-Za-z0-9_.:/-]*[A-Za-z0-9_.-]' ;;
            --task-ports) TASK_PORTS=$2 form='[0-9]{1,5}-[0-9]{1,5}(,[0-9]{1,5}-[0-9]{1,5})*' ;;
            --mesos-dns) MESOS_DNS=$2 form='[a-z0-9-]+([.][a-z0-9-]+)*=[0-9]{1,3}([.][0-9]{1,3}){3}(,[0-9]{1,3}([.][0-9]{1,3}){3})*' ;;
            --engine-metrics) ENGINE_METRICS=$2 form='[0-9]{1,3}([.][0-9]{1,3}){3}:[0-9]{1,5}' ;;
            *) usage ;;
        esac
        [[ $2 =~ ^($form)$ ]] || usage
        shift 2
    done
    [ $# = 0 ] || usage
}

this_machine() {
    local found
    found="$(os ID) $(os VERSION_ID)"
    [[ ", $KNOWN, " == *", $found, "* ]] || die "system: found $found, wanted one of $KNOWN"
    [ -z "$MIRROR" ] || [ "$(os ID)" = debian ] || die "mirror: found $found, wanted Debian: change its apt sources by hand"
    [ "$(id -u)" = 0 ] || die "user: found $(id -un), wanted root: use sudo"
    id "$LOGIN_USER" > /dev/null 2>&1 || die "user: found no $LOGIN_USER, wanted one who may log in: make this user first"
    [ -d /run/systemd/system ] || die "init system: found another one, wanted systemd: use a machine that was booted with it"
    # A snap sees only parts of the file system.
    [ ! -e /snap/bin/docker ] || die "engine: found a snap, wanted a package: save what you need, then snap remove docker"
    can_split
}

# clock_packages: prints chrony, unless a time service runs.
clock_packages() {
    local each
    for each in systemd-timesyncd chrony ntpsec ntp openntpd; do
        if systemctl -q is-active "$each"; then return; fi
    done
    echo chrony
}

# Agents mount persistent volumes below the directory, and the engine must see these mounts. systemd makes all mounts
# shared, so another one was made by the administrator.
propagation() {
    local place=$DATA_DIR found
    until [ -d "$place" ]; do place=$(dirname "$place"); done
    found=$(findmnt -n -o TARGET,PROPAGATION -T "$place" | tail -n 1)
    [[ $found == *shared* ]] ||
        left "$DATA_DIR" "it is on a private mount: run mount --make-shared ${found%% *} at every boot"
}

task_ports() {
    local low high reserved range found undo wanted="" name=net.ipv4.ip_local_reserved_ports file=/etc/sysctl.d/90-cdktf-mesos.conf
    read -r low high < /proc/sys/net/ipv4/ip_local_port_range
    reserved=$(< /proc/sys/net/ipv4/ip_local_reserved_ports)
    for range in ${TASK_PORTS//,/ }; do
        found=$(not_reserved "$range" "$low" "$high" "$reserved")
        wanted+=${found:+${wanted:+,}$found}
    done
    [ -n "$wanted" ] || return 0
    undo="rm $file && echo '$reserved' > /proc/sys/net/ipv4/ip_local_reserved_ports"
    change "reserve the ports $wanted for tasks, in $file" "$undo" \
        put "$file" "$name = ${reserved:+$reserved,}$wanted" sysctl -q -p "$file"
}

run_steps() {
    local needed
    step="the system" && this_machine
    for step in apt_sources engine_files; do "$step"; done
    step=packages
    mapfile -t needed < <(engine_packages; clock_packages)
    packages "${needed[@]}"
    for step in engine_limits engine_runs logins docker_group data_directory propagation task_ports mesos_dns; do "$step"; done
    # shellcheck disable=SC2154 # host/changes.sh sets it
    if [ "$changed" = no ]; then say "nothing to change"; fi
}

finish() {
    local code=$? where
    if [ "$code" != 0 ] && [ "$code" != 64 ]; then
        if [ "$mode" = apply ]; then where="see $LOG"; else where="see the lines before this one"; fi
        echo "${reason:-$step: found an error, wanted success: $where}" >&4
        exit 1
    fi
}

main() {
    set -euo pipefail
    umask 022
    export LC_ALL=C
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
    case "${1:-}" in plan | apply) mode=$1 ;; *) usage ;; esac
    options "${@:2}"
    exec 4>&2       # bash ends a function with its redirections in force
    trap finish EXIT
    if [ "$mode" = apply ] && [ "$(id -u)" = 0 ]; then exec 3>> "$LOG"; fi
    run_steps
}

main "$@" < /dev/null
