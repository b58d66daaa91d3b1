"""The check whether the releases of a cluster's components can run together."""

from __future__ import annotations

from dataclasses import fields

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.compatibility.releases import RULES
from cdktf_mesos.compatibility.rule import Facts, Finding, Known
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release, parse_release


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


def judge_engine(mesos: Release, engine_version: str, *, docker_cli: bool = False) -> list[Finding]:
    """The objections to agents that run Docker tasks on an engine; empty if there is none.

    Args:
        mesos: the agents' release.
        engine_version: the engine's version as `docker version` shows it: `20.10.24`.
        docker_cli: whether the agents use a docker command from the host, instead of the one in their image.

    Raises:
        ValueError: a version that cannot be read.
    """
    features = frozenset({"docker", "docker_cli"} if docker_cli else {"docker"})
    facts = Facts(agent=mesos, engine=parse_release(engine_version), features=features)
    return [finding for finding in judge(facts, "agent") if "engine" in finding.rule.others]


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
