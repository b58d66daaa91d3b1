#!/bin/bash
# Cuts a member of a throwaway cluster off from the network, or lets it back. It runs in a container with the network of
# the engine's machine, with iptables of that machine: the engine needs it, too.
# Arguments: cut or heal; the name of the member's container; the member's group, a number; its ports, separated by
# commas; the words of the command iptables.

comment=cdktf-mesos-partition-$2 group=$3 ports=$4

# Prints the rules, a line for each. The group tells who sends: only the member's own processes have it. It also marks
# the member's connections, because a closed one has no sender any more, and because a packet to one has no group.
rules() {
    local sent="-m owner --gid-owner $group --suppl-groups"
    echo "OUTPUT $sent -j CONNMARK --set-mark $group"
    echo "OUTPUT $sent -j DROP"
    echo "OUTPUT -m connmark --mark $group -j DROP"
    echo "OUTPUT -p tcp -m multiport --sports $ports -j DROP"
    echo "INPUT -m connmark --mark $group -j DROP"
    echo "INPUT -p tcp -m multiport --dports $ports -j DROP"
}

# Does something with each rule until it fails.
each_rule() {
    local what=$1 chain rule
    while read -r chain rule; do
        "$what" "$chain" "$rule" || return 1
    done
}

# The rules come before all others. The words of a rule have no blanks.
add() {
    # shellcheck disable=SC2086
    "${iptables[@]}" -w 10 -I "$1" 1 -m comment --comment "$comment" $2
}

# Exit code 1 says that there is no such rule, and 127 that there is no such command, so no rule either.
remove() {
    local said
    while true; do
        # shellcheck disable=SC2086
        said=$("${iptables[@]}" -w 10 -C "$1" -m comment --comment "$comment" $2 2>&1)
        case $? in
            0) ;;
            1 | 127) return 0 ;;
            *) echo "$said" >&2 && return 1 ;;
        esac
        # shellcheck disable=SC2086
        "${iptables[@]}" -w 10 -D "$1" -m comment --comment "$comment" $2 || return 1
    done
}

heal() {
    each_rule remove < <(rules)
}

# Before Linux 5.3, the kernel ignores --suppl-groups without an error.
knows_groups() {
    local release
    release=$(uname -r)
    [[ $release =~ ^([0-9]+)[.]([0-9]+) ]] && [ "$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))" -ge 5003 ] && return 0
    echo "it needs Linux 5.3 or later, and this is $release" >&2
    return 1
}

# The last rule is added first, so that they stand in their order.
cut_off() {
    knows_groups && heal || return 1
    each_rule add < <(rules | tac) && return 0
    heal
    return 1
}

action=$1
shift 4
iptables=("$@")
case $action in
    cut) cut_off ;;
    heal) heal ;;
esac
