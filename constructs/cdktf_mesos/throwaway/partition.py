"""Cuts members of a throwaway cluster off from the network, by packet filters on the engine's machine.

All members use the network of that machine. So a member is known by its ports, and by a group that only its processes
have (`Cluster.group`). The filters outlive the member's own restarts, and so they need a record: a container that has
ended. It says which filters to remove, also if nothing else is known of the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from docker.errors import NotFound

from cdktf_mesos import scripts
from cdktf_mesos.operations.engine import Client
from cdktf_mesos.throwaway.cluster import HOME_LABEL, LABEL, Cluster
from cdktf_mesos.throwaway.helper import run_script

FILTERS_LABEL = f"{LABEL}-filters"
"""Label of a record, with what the filters are made of: the member's container, its group and its ports."""

_SCRIPT = Path(__file__).with_name("partition.sh")

# The machine's own iptables: images have none. The engine of the machine needs it, too (Docker docs, packet filtering
# and firewalls).
_IPTABLES = ("chroot", "/proc/1/root", "iptables")

# The second one is for the root directory of process 1 (proc(5)).
_CAPABILITIES = ("CAP_NET_ADMIN", "CAP_SYS_PTRACE")


def cut_off(client: Client, cluster: Cluster, member: str, home: str) -> None:
    """Cut a member off. Its processes go on, but nothing that they send arrives, and nothing reaches them.

    Args:
        client: the client of the engine.
        cluster: the cluster.
        member: the member's name.
        home: the label with the machine and the directory that the cluster is kept in.

    Raises:
        ValueError: there is no such member.
        RuntimeError: the machine's iptables cannot do it, or the engine has no such container.
    """
    container = cluster.container(member)
    heal(client, container)
    ports = [str(port) for name, port in cluster.ports.items() if name == member or name.startswith(f"{member}-")]
    filters = f"{container} {cluster.group(member)} {','.join(ports)}"
    labels = {LABEL: cluster.name, HOME_LABEL: home, FILTERS_LABEL: filters}
    image = client.inspect_container(container)["Image"]
    try:
        _run(client, "cut", image, labels, name=_record(container))
    except RuntimeError as problem:
        raise RuntimeError(f"{member} is not cut off: {problem}") from None


def heal(client: Client, container: str) -> None:
    """Undo `cut_off`, if that was done.

    Args:
        client: the client of the engine.
        container: the name of the member's container, which may be gone.

    Raises:
        RuntimeError: the machine's iptables cannot do it.
    """
    try:
        record = client.inspect_container(_record(container))
    except NotFound:
        return
    remove_filters(client, record["Image"], record["Config"]["Labels"])
    client.remove_container(record["Id"], force=True)


def remove_filters(client: Client, image: str, labels: Mapping[str, str]) -> str:
    """Remove the filters of which a record tells; returns what was removed, in words.

    Args:
        client: the client of the engine.
        image: the record's image.
        labels: the record's labels.

    Raises:
        RuntimeError: the machine's iptables cannot do it.
    """
    _run(client, "heal", image, labels, name=None)
    return f"packet filters of {labels[FILTERS_LABEL].split()[0]}"


def _run(client: Client, action: str, image: str, labels: Mapping[str, str], name: str | None) -> None:
    words = scripts.words("partition", _SCRIPT, arguments=[action, *labels[FILTERS_LABEL].split(), *_IPTABLES])
    # Only a container that adds filters is a record of them.
    own = labels if name else {key: value for key, value in labels.items() if key != FILTERS_LABEL}
    run_script(client, image, words, labels=own, capabilities=_CAPABILITIES, name=name)


def _record(container: str) -> str:
    return f"{container}-partition"
