"""The addresses of a throwaway cluster: as a table, as JSON, or as variables for a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table

from cdktf_mesos.operations.output import show
from cdktf_mesos.throwaway.cluster import Cluster

_PREFIX = "CDKTF_MESOS_"


def information(cluster: Cluster) -> dict[str, Any]:
    """The addresses and versions of a cluster, as the JSON document has them."""
    return {
        "name": cluster.name,
        "mesos": cluster.mesos,
        "zk": cluster.zk,
        "master": cluster.url("master"),
        "agents": [cluster.url(agent) for agent in cluster.agent_names],
        "zookeeper": cluster.connect_string,
        "marathon": cluster.url("marathon") if cluster.marathon else None,
        "engine": cluster.engine,
        "members": {member: cluster.container(member) for member in cluster.members},
    }


def show_information(cluster: Cluster, *, as_json: bool, as_shell: bool = False) -> None:
    """Print the addresses and versions of a cluster."""
    known = information(cluster)
    if as_json:
        click.echo(json.dumps(known, indent=2))
    elif as_shell:
        click.echo("\n".join(exports(known)))
    else:
        table = Table("member", "container", "version", "address", box=None, pad_edge=False)
        for member in cluster.members:
            table.add_row(member, cluster.container(member), cluster.version(member), _address(cluster, member))
        show(table)
        click.echo(f"\nFrameworks find the master at {cluster.zk}")


def exports(known: Mapping[str, Any]) -> list[str]:
    """Lines for a shell that set a variable for each address. Lists are separated by blanks."""
    texts = {name: " ".join(each) if isinstance(each, list) else each for name, each in known.items()}
    wanted = ("name", "mesos", "zk", "master", "agents", "zookeeper", "marathon")
    return [f"export {_PREFIX}{name.upper()}={shlex.quote(texts[name])}" for name in wanted if texts[name]]


def _address(cluster: Cluster, member: str) -> str:
    return cluster.connect_string if member == "zookeeper" else cluster.url(member)
