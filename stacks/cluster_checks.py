"""What can be refused of a cluster's settings by its platform, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdktf_mesos.errors import invalid
from stacks.machines import Machine
from stacks.pools import Pool
from stacks.typed import ignored

if TYPE_CHECKING:
    from stacks.settings import Cluster

# What only some platforms know. Machines on `aws` have their data volume where data_dir is by default.
_ONLY_ON = {
    "aws": ("aws",),
    "control_plane": ("static",),
    "agent_machines": ("static",),
    "agent_batch": ("static", "aws"),
    "preflight_seconds": ("static", "aws"),
    "min_free_mib": ("static", "aws"),
    "engine": ("local",),
    "tls_directory": ("local", "static"),
    "address": ("local",),
    "data_dir": ("local", "static"),
    "agents": ("local",),
    "agent_docker_cli_sha256": ("static", "aws"),
}

# What only some engines of the platform `static` take; on `local` the engine itself refuses it.
_OF_ENGINES = {"ssh_options": "ssh://", "tls_directory": "tcp://"}


def check_on_platform(cluster: Cluster) -> None:
    """Refuse what the cluster's platform would ignore.

    Raises:
        ValueError: with the setting, its value and the platforms that know it.
    """
    for name, value in ignored(cluster, cluster.platform, _ONLY_ON):
        others = " or ".join(f"platform={platform!r}" for platform in _ONLY_ON[name])
        right = f"left out, or {others} besides, as the platform {cluster.platform!r} does not use it"
        raise invalid("Cluster", name, value, right)


def check_machines(cluster: Cluster) -> None:
    """Refuse machines of the platform `static` that may be one by mistake, and what their engines do not take or lack.

    Raises:
        ValueError: a name that two have, with the name; an engine or an address alone that two have, with both names; a
            setting for engines that are not there, with its value; a `tcp://` engine without certificates.
    """
    pooled = [machine for pool in cluster.pools for machine in pool.machines]
    machines = [*cluster.control_plane, *cluster.agent_machines, *pooled]
    check_once("control_plane, agent_machines, pools", machines)
    _check_same(machines, "engine", "address")
    _check_same(machines, "address", "engine")
    if machines:
        _check_engines(cluster, machines)


def check_once(argument: str, named: Sequence[Machine | Pool]) -> None:
    """Refuse a name that two have.

    Raises:
        ValueError: with the name.
    """
    names = [each.name for each in named]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Cluster: {argument}={name!r}: each name once")


def _check_same(machines: Sequence[Machine], argument: str, other: str) -> None:
    """Refuse an engine at two addresses, or an address with two engines: a line that was copied and half changed."""
    first: dict[str, Machine] = {}
    for machine in machines:
        value, having = getattr(machine, argument), first.setdefault(getattr(machine, argument), machine)
        if getattr(having, other) != getattr(machine, other):
            right = f"another one, as {having.name} has it and another {other}, {getattr(having, other)!r}"
            raise invalid(f"Machine {machine.name}", argument, value, right)


def _check_engines(cluster: Cluster, machines: Sequence[Machine]) -> None:
    for argument, scheme in _OF_ENGINES.items():
        value, having = getattr(cluster, argument), [each.name for each in machines if each.engine.startswith(scheme)]
        if value and not having:
            raise invalid("Cluster", argument, value, f"left out, as no machine has a {scheme} engine")
        if value is None and having:
            right = f"the directory with ca.pem, cert.pem and key.pem, as {having[0]} has a {scheme} engine"
            raise invalid("Cluster", argument, value, right)
