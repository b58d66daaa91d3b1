"""Rules for Mesos-DNS: which masters it understands."""

from __future__ import annotations

from cdktf_mesos.compatibility.rule import Rule

MESOS_DNS = (
    Rule(
        "mesos-dns-before-0.7-needs-masters-before-1.8",
        "error",
        "mesos_dns",
        ("master",),
        lambda known: known.before("mesos_dns", "0.7.0") and not known.before("master", "1.8.0"),
        "Mesos-DNS {mesos_dns} asks for /master/state.json, which masters from 1.8 on ({master}) do not have: no task "
        "would have a name. Use Mesos-DNS 0.7 or later, such as avhost/mesos-dns:v0.9.4",
        "Mesos CHANGELOG, 1.8.0; Mesos-DNS, issues 538 and 545",
    ),
    Rule(
        "mesos-dns-0.7-needs-masters-0.25",
        "error",
        "mesos_dns",
        ("master",),
        lambda known: not known.before("mesos_dns", "0.7.0") and known.before("master", "0.25.0"),
        "Mesos-DNS from 0.7 on ({mesos_dns}) asks for /master/state, which masters before 0.25 ({master}) do not have. "
        "Use mesosphere/mesos-dns:v0.6.0",
        "Mesos docs, Upgrading from 0.24.x to 0.25.x; Mesos-DNS, records/state/client/client.go of v0.7.0-rc1",
    ),
)
