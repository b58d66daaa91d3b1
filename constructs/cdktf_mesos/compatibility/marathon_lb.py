"""Rules for marathon-lb: which Marathon it can listen to."""

from __future__ import annotations

from cdktf_mesos.compatibility.rule import Rule

MARATHON_LB = (
    Rule(
        "marathon-lb-follows-no-redirect",
        "error",
        "marathon_lb",
        ("marathon",),
        lambda known: known.before("marathon_lb", "1.12.3") and not known.before("marathon", "1.7.0"),
        "From 1.7 on, Marathon ({marathon}) redirects those who listen to its events to the leader. marathon-lb "
        "follows from 1.12.3 on. {marathon_lb} would see no changes while it listens to an instance that does not lead",
        "marathon-lb, release notes of v1.12.3; issue 594",
    ),
)
