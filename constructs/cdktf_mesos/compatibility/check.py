"""The check whether the releases of a cluster's components can run together."""

from __future__ import annotations

from dataclasses import fields

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.compatibility.host_facts import HostFacts
from cdktf_mesos.compatibility.releases import RULES
from cdktf_mesos.compatibility.rule import Facts, Finding, Known
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release

# Components of rules about a host.
_OF_A_HOST = {"engine", "least_api", "cgroup"}


def judge(facts: Facts, subject: str | None = None) -> list[Finding]:
    """The rules that the facts break, errors first.

    Args:
        facts: what is known of the cluster.
        subject: the component whose rules are checked; by default all rules are.
    """
    known = Known(facts)
    values = {each.name: getattr(facts, each.name) for each in fields(facts)}
    found = [
        Finding(rule, rule.reason.format(**values))
        for rule in RULES
        if subject in (None, rule.subject)
        and all(getattr(facts, component) is not None for component in (rule.subject, *rule.others))
        and rule.broken(known)
    ]
    return sorted(found, key=lambda finding: finding.rule.severity)


def judge_engine(mesos: Release, features: frozenset[str], host: HostFacts) -> list[Finding]:
    """The objections to agents on a host: by its Docker engine and its cgroups.

    Args:
        mesos: the agents' release.
        features: what the agents use, as `Facts` has it.
        host: what is known of the host.
    """
    facts = Facts(
        agent=mesos, features=features, engine=host.engine, least_api=host.accepted_from(), cgroup=host.cgroup
    )
    return [finding for finding in judge(facts, "agent") if not {*finding.rule.others}.isdisjoint(_OF_A_HOST)]


def check_compatibility(
    role: Construct, argument: str, value: object, facts: Facts, subject: str, *, shown_on: Construct
) -> None:
    """Refuse a role whose release cannot run together with the other releases, and warn of risks.

    Args:
        role: the role.
        argument: the role's argument that decides the release.
        value: the argument's value.
        facts: what is known of the cluster.
        subject: the role's name.
        shown_on: the construct that gets the warnings. It must be in a stack, or cdktf would not show them; the role
            itself may be outside of all stacks.

    Raises:
        ValueError: releases that cannot run together, with the reason and its source.
    """
    for finding in judge(facts, subject):
        report(role, argument, value, finding, shown_on=shown_on)


def report(role: Construct, argument: str, value: object, finding: Finding, *, shown_on: Construct) -> None:
    """Raise a finding that is an error, and show one that is a warning. For the arguments see `check_compatibility`."""
    if finding.rule.severity == "error":
        raise invalid(role, argument, value, str(finding))
    Annotations.of(shown_on).add_warning(f"{role.node.path}: {argument}={value!r}: {finding}")
