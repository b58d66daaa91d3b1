#!/bin/bash
# Whether an agent would accept the checkpoint of its predecessor. Follows slave_info.sh in the preflight's script.

declare -A to_report

# same_info <work directory> <info that the agent is to report> <whether it may add something, yes or no>
#
# Prints the differences. Each line of the info has a key of `reported` (slave_info.sh), a tab and the value; the value
# is '?' if it is not known. An agent compares its info with its predecessor's (Mesos docs, "Agent Recovery";
# slave/compatibility.cpp), unless the machine has been restarted since. Values that the program does not set are left
# out: Mesos finds them itself, and always the same ones on the same machine.
same_info() {
    local meta=$1/meta file additive=$3 key value differences=()
    file=$meta/slaves/latest/slave.info
    [ -r "$file" ] || return 0
    [ "$(cat "$meta/boot_id" 2> /dev/null)" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 0
    while IFS=$'\t' read -r key value; do
        [ -z "$key" ] || to_report["$key"]=$value
    done <<< "$2"
    read_info "$file" || return 0
    for key in "${!to_report[@]}"; do
        value=${to_report["$key"]}
        [ "$value" != '?' ] && [ "$value" != "${reported["$key"]-}" ] || continue
        [ "$additive" != yes ] || ! only_adds "$key" "${reported["$key"]-}" "$value" || continue
        differences+=("$key: ${reported["$key"]:-none} -> $value")
    done
    for key in "${!reported[@]}"; do
        [ -n "${to_report["$key"]-}" ] || is_not_set "$key" || differences+=("$key: ${reported["$key"]} -> none")
    done
    [ "${#differences[@]}" != 0 ] || return 0
    printf '%s\n' "${differences[@]}" | sort | paste -s -d ';' | sed 's/;/; /g'
    return 1
}

# is_not_set <key>: whether the program does not set this entry, so that Mesos finds its value, or sets it to a value
# that is not known yet.
is_not_set() {
    local kind=${1%% *} name=${1#* } known
    [ -z "${to_report["$kind ?"]-}" ] || return 0
    [ "$kind" = resource ] || return 1
    name=${name%%(*}
    case $name in cpus | gpus | mem | disk | ports) ;; *) return 1 ;; esac
    for known in "${!to_report[@]}"; do [[ $known != "resource $name("* ]] || return 1; done
}

# only_adds <key> <value before> <value after>: whether the value after covers the value before.
only_adds() {
    local kind=${1%% *} before=$2 after=$3 item
    [ -n "$before" ] || return 0
    [ "${before%%:*}" = "${after%%:*}" ] || return 1
    case $kind:${before%%:*} in
        resource:scalar) [ "$(thousandths "${before#*:}")" -le "$(thousandths "${after#*:}")" ] ;;
        resource:ranges | attribute:ranges)
            for item in $(tr , ' ' <<< "${before#*:}"); do within "$item" "${after#*:}" || return 1; done
            ;;
        resource:set)
            for item in $(tr , ' ' <<< "${before#*:}"); do [[ ,${after#*:}, == *",$item,"* ]] || return 1; done
            ;;
        *) return 1 ;;
    esac
}

# within <range> <ranges>: whether one of the ranges covers the range.
within() {
    local each
    for each in $(tr , ' ' <<< "$2"); do
        if [ "${1%-*}" -ge "${each%-*}" ] && [ "${1#*-}" -le "${each#*-}" ]; then return; fi
    done
    return 1
}

# thousandths <number with at most three decimals>
thousandths() {
    local fraction=
    [[ $1 != *.* ]] || fraction=${1#*.}
    fraction=${fraction}000
    echo "$((10#${1%.*}${fraction:0:3}))"
}
