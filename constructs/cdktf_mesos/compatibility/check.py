"""The check of a cluster's releases against the rules of which go together."""

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
        facts: what is known.
        subject: the component whose rules count; by default all rules do.
    """
    known = Known(facts)
    shown = {each.name: getattr(facts, each.name) for each in fields(facts)}
    found = [
        Finding(rule, rule.reason.format(**shown))
        for rule in RULES
        if subject in (None, rule.subject)
        and all(getattr(facts, component) is not None for component in (rule.subject, *rule.others))
        and rule.broken(known)
    ]
    return sorted(found, key=lambda finding: finding.rule.severity)


def judge_engine(mesos: Release, engine_version: str, *, docker_cli: bool = False) -> list[Finding]:
    """What speaks against Docker tasks of agents on an engine; nothing, if they go together.

    Args:
        mesos: the agents' release.
        engine_version: as `docker version` says it: `20.10.24`.
        docker_cli: whether the agents use a docker command of the host's, instead of the one in their image.

    Raises:
        ValueError: a version that is none.
    """
    features = frozenset({"docker", "docker_cli"} if docker_cli else {"docker"})
    facts = Facts(agent=mesos, engine=parse_release(engine_version), features=features)
    return [finding for finding in judge(facts, "agent") if "engine" in finding.rule.others]


def check_compatibility(
    role: Construct, argument: str, value: object, facts: Facts, subject: str, *, shown_on: Construct
) -> None:
    """Refuse a role whose release does not go with the others, and warn of what is risky.

    Args:
        role: the role.
        argument: its argument that would have to be another.
        value: the argument's value.
        facts: what is known.
        subject: the role's name.
        shown_on: a construct in a stack, as cdktf shows no other's warnings; a role may stand outside of all stacks.

    Raises:
        ValueError: what is impossible, with its reason and source.
    """
    for finding in judge(facts, subject):
        report(role, argument, value, finding, shown_on=shown_on)


def report(role: Construct, argument: str, value: object, finding: Finding, *, shown_on: Construct) -> None:
    """Raise an error for what is impossible, and add a warning of what is risky; the arguments are as above."""
    if finding.rule.severity == "error":
        raise invalid(role, argument, value, str(finding))
    Annotations.of(shown_on).add_warning(f"{role.node.path}: {argument}={value!r}: {finding}")
