"""Changes of release that the projects forbid: refused before a plan is made, from what the states say is deployed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from cdktf import Annotations
from constructs import Construct

from cdktf_mesos.bump import Role, judge_bump
from cdktf_mesos.image import Image
from cdktf_mesos.options import LABEL
from cdktf_mesos.release import Release, parse_release
from stacks.settings import Cluster

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
    if cluster.aws and cluster.aws.state_bucket:
        # A move to a bucket leaves the files as they were.
        return
    members = list(read_deployed(Path.cwd(), cluster.name))
    sizes = Counter(member.role for member in members)
    warned = set()
    for member in members:
        image = wanted.get(member.role) or agents.get(member.name)
        deployed = _release(member.version)
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


def read_deployed(directory: Path, cluster: str) -> Iterator[Deployed]:
    """The members that the states of a cluster have, without those that never served.

    A container that did not get healthy is tainted. To put its pin back is how a roll that stopped is mended.
    """
    for path in sorted(directory.glob(f"terraform.{cluster}*.tfstate")):
        stack = path.name.removeprefix("terraform.").removesuffix(".tfstate")
        # The rest keeps the cluster `prod-2` out of what is read for `prod`.
        found = re.fullmatch("(?:-[123]-[a-z]+-(.+)-members)?", stack.removeprefix(cluster))
        if found is None:
            continue
        for resource in json.loads(path.read_text() or "{}").get("resources", []):
            if resource["type"] == "docker_container":
                alias = re.search(r"\]\.(.+)$", resource.get("provider", ""))
                machine = alias[1] if alias else found[1] or stack
                yield from _members(machine, resource["instances"])


def _members(machine: str, instances: Collection[Mapping[str, Any]]) -> Iterator[Deployed]:
    for instance in instances:
        if instance.get("status") == "tainted":
            continue
        labels = {each["label"]: each["value"] for each in instance.get("attributes", {}).get("labels") or ()}
        version = labels.get(f"{LABEL}version")
        for role in _ROLES:
            if version and labels.get(f"{LABEL}role") == role:
                yield Deployed(machine, role, version, instance["attributes"].get("name", ""))


def _release(version: str) -> Release | None:
    try:
        return parse_release(version)
    except ValueError:
        return None
