"""`cdktf-mesos info`, `state`, `ps` and `logs`."""

from __future__ import annotations

import json

import click
from rich.table import Table

from cdktf_mesos.operations import options
from cdktf_mesos.operations.output import show
from cdktf_mesos.throwaway import live, members, store
from cdktf_mesos.throwaway.commands import common
from cdktf_mesos.throwaway.information import show_information


@click.command
@common.name
@options.as_json
@click.option("--shell", "as_shell", is_flag=True, help="Print variables for a shell, for eval.")
def info(name: str, as_json: bool, as_shell: bool) -> None:
    """Show the addresses and versions of a cluster."""
    show_information(store.get(name), as_json=as_json, as_shell=as_shell)


@click.command
@common.name
@click.argument("member", default="master")
def state(name: str, member: str) -> None:
    """Print the state of the master, or of an agent such as agent-1, as JSON."""
    click.echo(json.dumps(live.state(store.get(name), member), indent=2))


@click.command
@common.name
@options.as_json
def ps(name: str, as_json: bool) -> None:
    """List the tasks that the cluster runs or has run."""
    tasks = live.tasks(store.get(name))
    if as_json:
        click.echo(json.dumps(tasks, indent=2))
        return
    table = Table("framework", "task", "state", "agent", box=None, pad_edge=False)
    for task in tasks:
        table.add_row(*(task[column] for column in ("framework", "id", "state", "agent")))
    show(table)


@click.command
@common.name
@click.argument("member")
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
def logs(name: str, member: str, follow: bool) -> None:
    """Print what a member has logged: zookeeper, master, marathon, agent-1 and so on."""
    for chunk in members.logs(store.get(name), member, follow=follow):
        click.echo(chunk, nl=False)
