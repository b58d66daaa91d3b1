"""`cdktf-mesos drain`: moves an agent's tasks to other agents."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cdktf_mesos.operations.drain.bare import Master, Refused, drain, read_credential, undo


@click.command("drain")
@click.argument("master")
@click.argument("agent")
@click.option(
    "--seconds", type=float, default=600, metavar="SECONDS", show_default=True, help="How long all tasks may take."
)
@click.option(
    "--grace",
    type=float,
    metavar="SECONDS",
    help="How long each task may take to end, at most. By default its framework decides.",
)
@click.option(
    "--credential",
    "credential_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='A file, if the masters require a password: `operator` of the secrets, or {"principal": "…", "secret": "…"}.',
)
@click.option("--undo", "undone", is_flag=True, help="Let the agent get tasks again.")
def command(
    master: str, agent: str, seconds: float, grace: float | None, credential_file: Path | None, undone: bool
) -> None:
    """Move the tasks of AGENT to other agents. It gets no tasks until --undo.

    MASTER is any master, http://10.0.0.11:5050. AGENT is an agent's id or address; if a machine has several agents, the
    address with :port.

    Exit codes: 0, or 1 if tasks are left or nothing could be done.
    """
    try:
        leader = Master(master, read_credential(credential_file) if credential_file else None)
        if undone:
            undo(leader, agent)
        elif sys.stdout.isatty():
            drain_with_bar(leader, agent, seconds, grace)
        else:
            drain(leader, agent, seconds=seconds, grace=grace, tell=click.echo)
    except Refused as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)


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
