"""Agents' further disks. Mesos takes them only in the JSON form of `resources` (Mesos docs, "Multiple Disks")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from constructs import Construct

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import check_one_of, check_whole, invalid
from cdktf_mesos.host.host import absolute_path
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent.resources import Value, ranges, resource_name, resources_text

DiskKind = Literal["PATH", "MOUNT"]

# The first release with "Multiple Disks" (Mesos CHANGELOG, 0.27.0).
_SINCE = Release(0, 27)


@dataclass(frozen=True)
class Disk:
    """A disk in addition to the one with the agent's work directory.

    Args:
        path: path on the host: a directory for `PATH`, the mount point of a file system for `MOUNT`.
        mib: how much of the disk is offered, in MiB.
        kind: a `PATH` disk (the default) is divided among persistent volumes; a `MOUNT` disk goes to one as a whole.
        role: the role that it is reserved for; by default the pool's default role.
    """

    path: str
    mib: int
    kind: DiskKind = "PATH"
    role: str | None = None


def resources_with(role: Construct, release: Release, resources: Mapping[str, Value], disks: Sequence[Disk]) -> str:
    """The resources in the form that Mesos reads: text, or JSON if there are disks.

    Raises:
        ValueError: a value that Mesos would refuse; disks before 0.27; a Terraform expression together with disks.
    """
    text = resources_text(role, resources)
    if not disks:
        return text
    if release < _SINCE:
        raise invalid(role, "disks", disks, f"Remove them: Mesos {release} cannot use further disks, which need 0.27")
    for name, value in resources.items():
        if Token.is_unresolved(value):
            remedy = "Use a value known to the program, not a Terraform expression: disks need it"
            raise invalid(role, f"resources[{name!r}]", value, remedy)
    paths = [disk.path for disk in disks]
    for index, disk in enumerate(disks):
        argument = f"disks[{index}]"
        absolute_path(role, f"{argument}.path", disk.path)
        if paths.count(disk.path) > 1:
            raise invalid(role, f"{argument}.path", disk.path, "Use each path only once")
        check_whole(role, f"{argument}.mib", disk.mib, of="MiB")
        check_one_of(role, f"{argument}.kind", disk.kind, get_args(DiskKind))
        resource_name(role, f"{argument}.role", "disk" if disk.role is None else f"disk({disk.role})", disk.role)
    if "disk" not in [name.partition("(")[0] for name in resources]:
        remedy = "Add 'disk': if there are disks, Mesos does not find out the size of the work directory's disk"
        raise invalid(role, "resources", dict(resources), remedy)
    plain = [_plain(*each.split(":", 1)) for each in text.split(";")]
    return json.dumps([*plain, *map(_disk, disks)], separators=(",", ":"))


def _plain(name: str, value: str) -> dict[str, Any]:
    kind, _, reserved = name.rstrip(")").partition("(")
    found: dict[str, Any] = {"name": kind}
    if value.startswith("["):
        bounds = [{"begin": first, "end": last} for first, last in ranges(value)]
        found |= {"type": "RANGES", "ranges": {"range": bounds}}
    elif value.startswith("{"):
        found |= {"type": "SET", "set": {"item": re.findall("[^,{}]+", value)}}
    else:
        found |= {"type": "SCALAR", "scalar": {"value": float(value)}}
    return found | ({"role": reserved} if reserved else {})


def _disk(disk: Disk) -> dict[str, Any]:
    return {
        "name": "disk",
        "type": "SCALAR",
        "scalar": {"value": float(disk.mib)},
        "disk": {"source": {"type": disk.kind, disk.kind.lower(): {"root": disk.path}}},
    } | ({"role": disk.role} if disk.role is not None else {})
