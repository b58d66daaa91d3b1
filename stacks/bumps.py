"""Changes of release that the projects forbid: refused before a plan is made, from what the states say is deployed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.compatibility.bump import Role, judge_bump
from cdktf_mesos.container.member import GATE
from cdktf_mesos.container.options import LABEL
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.pin import said_release
from stacks.settings import Cluster
from stacks.state import Instance, instances

_ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Deployed:
    """A member as a state has it.

    Args:
        machine: its host's name, or else the stack's.
        role: the member's.
        version: its tag or digest.
        name: of its container.
    """

    machine: str
    role: Role
    version: str
    name: str = field(default="", compare=False)


def check_bumps(
    cluster: Cluster, wanted: Mapping[Role, Image], agents: Mapping[str, Image], *, shown_on: Construct
) -> None:
    """Refuse a change of release that its project forbids, machine by machine, as a roll may have ended half-way.

    What is deployed is read from the states in the directory; where they are in a bucket, nothing is known and nothing
    refused. A deployed digest without a tag says nothing about its release and is taken at its word.

    Args:
        cluster: the settings; `allow_bump` makes warnings of errors.
        wanted: the images of the roles but the agents'.
        agents: theirs, by the names of their containers, as pools may have their own.
        shown_on: a construct in a stack, for warnings.

    Raises:
        ValueError: with what to deploy first, where the project says so.
    """
    members = list(read_deployed(cluster))
    sizes = Counter(member.role for member in members)
    warned = set()
    for member in members:
        image = wanted.get(member.role) or agents.get(member.name)
        deployed = said_release(member.version)
        if image is None or deployed is None:
            continue
        found = judge_bump(member.role, deployed, image.parsed_release(), rolling=sizes[member.role] > 1)
        if found is None:
            continue
        what = f"{member.role}: {member.version} is deployed on {member.machine}, {image.parsed_release()} is wanted"
        if found.severity == "error" and not cluster.allow_bump:
            raise ValueError(f"Cluster: {what}: {found}. allow_bump=True lets it pass")
        if (member.role, member.version) not in warned:
            warned.add((member.role, member.version))
            Annotations.of(shown_on).add_warning(f"{what}: {found}")


def read_deployed(cluster: Cluster) -> Iterator[Deployed]:
    """The members that the states of a cluster have, without those that never served.

    A container that did not get healthy is tainted, or its gate is where it is asked from outside. To put its pin back
    is how a roll that stopped is mended.
    """
    found = list(instances(cluster, "members", "docker_container"))
    failed = {_place(each) for each in found if each.tainted}
    for each in found:
        labels = {label["label"]: label["value"] for label in each.attributes.get("labels") or ()}
        version = labels.get(f"{LABEL}version")
        for role in _ROLES:
            if _place(each) not in failed and version and labels.get(f"{LABEL}role") == role:
                machine = each.machine or each.wave or each.stack
                yield Deployed(machine, role, version, each.attributes.get("name", ""))


def _place(found: Instance) -> tuple[str, str | None, str]:
    """A member's stack, machine and container, of its container and of its gate alike."""
    return found.stack, found.machine, found.attributes.get("name", "").removesuffix(GATE)
