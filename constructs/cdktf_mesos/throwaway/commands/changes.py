"""`cdktf-mesos up`, `upgrade` and `down`."""

from __future__ import annotations

import os

import click

from cdktf_mesos.operations import options
from cdktf_mesos.throwaway import engines, lifecycle, removal
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.commands import common
from cdktf_mesos.throwaway.information import show_information

MESOS, ZOOKEEPER = "1.11.0", "3.9.4"


@click.command
@click.option("--mesos", metavar="VERSION", default=MESOS, show_default=True, help="Tag of the images of Mesos.")
@click.option("--zookeeper", metavar="VERSION", default=ZOOKEEPER, show_default=True, help="Tag of ZooKeeper's image.")
@click.option("--marathon", metavar="VERSION", help="Tag of Marathon's image. Without it there is no Marathon.")
@click.option("--agents", type=int, default=1, show_default=True, metavar="NUMBER", help="How many agents.")
@click.option("--cpus", type=float, default=2, show_default=True, metavar="CPUS", help="What each agent offers.")
@click.option("--mem", type=int, default=2048, show_default=True, metavar="MIB", help="What each agent offers.")
@click.option(
    "--attributes",
    multiple=True,
    metavar="ATTRIBUTES",
    help="Attributes of an agent, such as 'rack:a;level:3'. Given several times, agents take them in turn.",
)
@common.flag("--master-flag", "A flag of the master, such as allocation_interval=100ms; may be repeated.")
@common.flag("--agent-flag", "A flag of all agents, such as executor_reregistration_timeout=15secs; may be repeated.")
@click.option("--address", metavar="IP", help="Where members listen: 127.0.0.1, or a remote engine's machine.")
@click.option("--owned", is_flag=True, hidden=True)
@common.name
@common.timeout
@options.as_json
def up(
    mesos: str,
    zookeeper: str,
    marathon: str | None,
    agents: int,
    cpus: float,
    mem: int,
    attributes: tuple[str, ...],
    master_flag: dict[str, str],
    agent_flag: dict[str, str],
    address: str | None,
    owned: bool,
    name: str,
    timeout: int,
    as_json: bool,
) -> None:
    """Start a cluster for tests, on the engine that the docker command uses.

    It has one master, one ZooKeeper server and some agents, on ports of its own. Several clusters with different names
    can run side by side. The command ends when the master leads and all agents are registered, and shows the addresses.

    If a start of the same name was not finished, what it has left is removed first.
    """
    connection = engines.chosen(os.environ)
    common.remove_variables_of_docker()
    wanted = Cluster(
        name=name,
        engine=connection.engine,
        certificates=connection.cert_path or None,
        address=address or engines.address_of(connection),
        mesos=mesos,
        agents_mesos=mesos,
        zookeeper=zookeeper,
        marathon=marathon,
        agents=agents,
        cpus=cpus,
        mem=mem,
        attributes=attributes,
        master_flags=master_flag,
        agent_flags=agent_flag,
        owned=owned,
    )
    show_information(lifecycle.start(wanted, timeout, common.tell), as_json=as_json)


@click.command
@click.option("--mesos", metavar="VERSION", help="The new tag of the images of Mesos.")
@click.option("--zookeeper", metavar="VERSION", help="The new tag of ZooKeeper's image.")
@click.option("--marathon", metavar="VERSION", help="The new tag of Marathon's image.")
@common.name
@common.timeout
@options.as_json
def upgrade(
    mesos: str | None, zookeeper: str | None, marathon: str | None, name: str, timeout: int, as_json: bool
) -> None:
    """Replace the members whose version changes, forward or back. Tasks whose framework checkpoints go on."""
    given = {"mesos": mesos, "zookeeper": zookeeper, "marathon": marathon}
    versions = {component: version for component, version in given.items() if version is not None}
    if not versions:
        raise click.UsageError("give at least one of --mesos, --zookeeper and --marathon")
    common.remove_variables_of_docker()
    show_information(lifecycle.upgrade(name, versions, timeout), as_json=as_json)


@click.command
@click.option("--all", "everything", is_flag=True, help="Remove all your clusters, and what is left of crashed ones.")
@common.name
def down(everything: bool, name: str) -> None:
    """Remove a cluster, with its data and its tasks, and say what was removed. Images stay."""
    connection = engines.chosen(os.environ)
    if everything:
        removal.down_all(connection, common.tell)
    else:
        removal.down(name, connection, common.tell)
