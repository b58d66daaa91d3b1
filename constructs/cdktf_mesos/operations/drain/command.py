"""`cdktf-mesos drain`: moves an agent's tasks to other agents."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cdktf_mesos.operations import options
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.drain.bare import Master, Refused, drain, read_credential, undo
from cdktf_mesos.operations.lock.deploys import deploy_under_way
from cdktf_mesos.operations.lock.held import locked
from cdktf_mesos.operations.lock.holder import LOCKED, Held
from cdktf_mesos.operations.project import read_project

# How long a machine's engine may take to answer.
_ANSWER_SECONDS = 20


@click.command("drain")
@click.argument("master")
@click.argument("agent")
@options.seconds("--seconds", 600, "How long all tasks may take.")
@options.seconds("--grace", None, "How long each task may take to end, at most. By default its framework decides.")
@options.credential
@click.option(
    "--ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For https: the authority that has signed the masters' certificates, a PEM file.",
)
@click.option("--no-lock", is_flag=True, help="Do not take the lock of the cluster.")
@click.option("--undo", "undone", is_flag=True, help="Let the agent get tasks again.")
def command(
    master: str,
    agent: str,
    seconds: float,
    grace: float | None,
    credential_file: Path | None,
    ca: Path | None,
    no_lock: bool,
    undone: bool,
) -> None:
    """Move the tasks of AGENT to other agents. It gets no tasks until --undo.

    MASTER is any master, http://10.0.0.11:5050, or with https if masters have TLS. AGENT is an agent's id or address;
    if a machine has several agents, the address with :port.

    In the directory of a project it takes the lock of the cluster meanwhile.

    Exit codes: 0, or 1 if tasks are left or nothing could be done, 4 if somebody else works on the cluster.
    """
    hosts = () if no_lock else _hosts()
    try:
        with locked(hosts, f"drain {agent}", _ANSWER_SECONDS, click.echo):
            if why := deploy_under_way(hosts, 0, _ANSWER_SECONDS):
                raise Held(why)
            leader = Master(master, read_credential(credential_file) if credential_file else None, ca)
            if undone:
                undo(leader, agent)
            elif sys.stdout.isatty():
                drain_with_bar(leader, agent, seconds, grace)
            else:
                drain(leader, agent, seconds=seconds, grace=grace, tell=click.echo)
    except (Refused, Held) as refused:
        click.echo(str(refused), err=True)
        sys.exit(LOCKED if isinstance(refused, Held) else 1)


def _hosts() -> Sequence[Host]:
    """The machines of the project in this directory; empty if there is none, or nothing was synthesised."""
    try:
        return read_project(Path.cwd(), (), _ANSWER_SECONDS, synth=False).hosts
    except RuntimeError:
        return ()


def drain_with_bar(leader: Master, agent: str, seconds: float, grace: float | None) -> None:
    """Drain an agent, and show its tasks as a progress bar on the terminal."""
    console, last_message = Console(highlight=False), ""

    def tell(text: str) -> None:
        nonlocal last_message
        last_message = text

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task, most = bar.add_task(f"{agent}: tasks moved", total=None), 0

        def progress(left: int) -> None:
            nonlocal most
            most = max(most, left)
            bar.update(task, total=most, completed=most - left)

        drain(leader, agent, seconds=seconds, grace=grace, tell=tell, progress=progress)
    console.print(last_message)
