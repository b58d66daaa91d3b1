#!/bin/bash
# Has systemd-resolved ask Mesos-DNS for the names of its domain only. Comes after host/changes.sh and before
# host/prepare.sh.
# In the environment: MESOS_DNS, <domain>=<address>,…; may be empty.

RESOLVED=/etc/systemd/resolved.conf.d/cdktf-mesos.conf

mesos_dns() {
    [ -n "$MESOS_DNS" ] || return 0
    local servers=${MESOS_DNS#*=}
    place "$RESOLVED" systemctl restart systemd-resolved <<END
[Resolve]
DNS=${servers//,/ }
Domains=~${MESOS_DNS%%=*}
END
}

# can_split: refuses a machine on which that file would have no effect, or an effect on other names.
can_split() {
    [ -n "$MESOS_DNS" ] || return 0
    local domain=${MESOS_DNS%%=*} servers=${MESOS_DNS#*=} each found known
    for each in ${servers//[.,]/ }; do
        [ "$each" -le 255 ] || die "mesos-dns: found $servers, wanted IPv4 addresses: correct the option"
    done
    systemctl -q is-active systemd-resolved || die "mesos-dns: found no systemd-resolved that runs, wanted one: leave \
the option out, and have the name server that this machine asks forward $domain to $servers. Tasks do not need it"
    found=$(sed -n 's/^nameserver[[:space:]]*//p' /etc/resolv.conf 2> /dev/null) || found=nothing
    [ "$found" = 127.0.0.53 ] || die "mesos-dns: found ${found//$'\n'/ } in /etc/resolv.conf, wanted 127.0.0.53: make \
it a link to /run/systemd/resolve/stub-resolv.conf. Now most programs do not ask systemd-resolved"
    # systemd-resolved has one list of servers and one list of domains for the whole machine, and may ask any of these
    # servers for any of these domains (resolved.conf(5)). So neither list may have anything else. What this option
    # names, and what an earlier run has written, may be there.
    known=" ${servers//,/ } ~$domain "
    if [ -e "$RESOLVED" ]; then known+="$(tr '=\n' '  ' < "$RESOLVED") "; fi
    found=$({ resolved_has dns && resolved_has domain; } | sed -n 's/^Global: *//p')
    for each in $found; do
        [[ $known == *" $each "* ]] || die "mesos-dns: found $each in the settings of systemd-resolved for the whole \
machine, wanted nothing there: give it to a network interface, as systemd-resolved would mix it with Mesos-DNS"
    done
    found=$(resolved_has dns)
    grep -Eq '^Link [^:]*: *[0-9a-f]' <<< "$found" || die "mesos-dns: found no network interface that has \
a name server, wanted one: give it one, as this machine would ask Mesos-DNS for all names"
}

# resolved_has <dns|domain>: prints a line `Global: …`, and a line `Link <number> (<name>): …` for each interface. They
# are long, because it would break a line that a narrow terminal cannot show.
resolved_has() { COLUMNS=9999 resolvectl "$1"; }
