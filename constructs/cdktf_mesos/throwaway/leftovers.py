"""Removes a throwaway cluster from its engine, whatever state it is in: what runs, and what a crash has left."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound

from cdktf_mesos import scripts
from cdktf_mesos.host.data_dir import DATA_DIR
from cdktf_mesos.operations.engine import Client
from cdktf_mesos.throwaway.cluster import DATA_PARENT, HOME_LABEL, LABEL, PORTS_LABEL
from cdktf_mesos.throwaway.helper import run_script
from cdktf_mesos.throwaway.partition import FILTERS_LABEL, remove_filters

_CLEAN = Path(__file__).with_name("clean.sh")

# Where the agents keep their state of running containers (`MesosAgentPool.container`).
_RUNTIME = "/var/run/cdktf-mesos"

_CGROUPS = "/sys/fs/cgroup"

Container = Mapping[str, Any]


def found(client: Client) -> list[Container]:
    """The members of all throwaway clusters on an engine."""
    containers: list[Container] = client.containers(all=True, filters={"label": [LABEL]})
    return containers


def names_of(containers: Sequence[Container], home: str) -> list[str]:
    """The names of the clusters that are kept in a directory.

    Args:
        containers: members of any clusters.
        home: the label with the machine and the directory.
    """
    return sorted({each["Labels"][LABEL] for each in containers if each["Labels"].get(HOME_LABEL) == home})


def has(containers: Sequence[Container], name: str, home: str) -> bool:
    """Whether members of a cluster are among the containers.

    Args:
        containers: members of any clusters.
        name: the cluster's name.
        home: the label with the machine and the directory that it is kept in.

    Raises:
        RuntimeError: another user, or another machine, has a cluster of that name on the engine.
    """
    own = [each for each in containers if each["Labels"][LABEL] == name]
    for each in own:
        if each["Labels"].get(HOME_LABEL) != home:
            raise RuntimeError(
                f"the engine has a cluster {name!r} of {each['Labels'].get(HOME_LABEL)}: use another --name"
            )
    return bool(own)


def blocks_of(containers: Sequence[Container], name: str) -> set[int]:
    """The first ports of the blocks of all clusters but one."""
    others = [each["Labels"] for each in containers if each["Labels"][LABEL] != name]
    return {int(first) for labels in others for first in labels.get(PORTS_LABEL, "").split()}


def remove(client: Client, name: str, home: str, agents: Collection[str], images: Sequence[str]) -> list[str]:
    """Remove all that a cluster has on its engine, except images; returns what was removed.

    Args:
        client: the client of the engine.
        name: the cluster's name.
        home: the label with the machine and the directory that it is kept in.
        agents: the names of its agents' containers, as far as they are known.
        images: its images, in one of which the script can run that removes directories; only images that the engine
            has are used.

    Raises:
        RuntimeError: a part cannot be removed.
    """
    members = [each for each in found(client) if each["Labels"][LABEL] == name]
    removed = [
        remove_filters(client, each["ImageID"], each["Labels"]) for each in members if FILTERS_LABEL in each["Labels"]
    ]
    removed += [_remove(client, each) for each in members]
    # An agent that has gone starts no more of them.
    removed += [_remove(client, each) for each in client.containers(all=True) if _is_of_task(each, name)]
    own_agents = {*agents, *(_name(each) for each in members if each["Labels"].get("cdktf-mesos.role") == "agent")}
    candidates = [*(each["ImageID"] for each in members), *images]
    image = next((each for each in candidates if _has(client, each)), None)
    # Without an image, no member has ever started.
    labels = {LABEL: name, HOME_LABEL: home}
    return removed + (_clean(client, image, name, labels, sorted(own_agents)) if image else [])


def _remove(client: Client, container: Container) -> str:
    # Another command may have removed it, or its own end.
    with contextlib.suppress(NotFound):
        client.remove_container(container["Id"], force=True, v=True)
    return f"container {_name(container)}"


def _is_of_task(container: Container, name: str) -> bool:
    """Whether it is the container of a task or of its executor: an agent has mounted a directory of its own there."""
    sources = [str(mount.get("Source", "")) for mount in container.get("Mounts", [])]
    return any(source.startswith(f"{DATA_PARENT}/{name}/") for source in sources)


def _clean(client: Client, image: str, name: str, labels: dict[str, str], agents: Sequence[str]) -> list[str]:
    words = scripts.words("clean", _CLEAN, arguments=[DATA_PARENT, _RUNTIME, _CGROUPS, name, *agents])
    binds = [f"{DATA_DIR}:{DATA_DIR}:rshared", f"{_RUNTIME}:{_RUNTIME}", f"{_CGROUPS}:{_CGROUPS}"]
    try:
        return run_script(client, image, words, labels=labels, capabilities=["CAP_SYS_ADMIN"], binds=binds)
    except RuntimeError as problem:
        raise RuntimeError(f"{name} is not removed whole: {problem}") from None


def _has(client: Client, image: str) -> bool:
    try:
        client.inspect_image(image)  # type: ignore[no-untyped-call]
    except APIError:
        return False
    return True


def _name(container: Container) -> str:
    return str(container["Names"][0]).lstrip("/")
