"""`cdktf-mesos lock`: runs a command under the lock of the cluster, shows the lock, or removes a left one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.container.names import LOCK_VARIABLE
from cdktf_mesos.operations import options
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.lock.held import holders, locked, release
from cdktf_mesos.operations.lock.holder import LOCKED, Held, Holder
from cdktf_mesos.operations.process import run_in_foreground
from cdktf_mesos.operations.project import read_project


@click.command("lock", cls=options.WithProgram)
@click.option("--remove", is_flag=True, help="Remove a lock that a broken-off command has left.")
@click.option("--yes", is_flag=True, help="Do not ask before --remove.")
@options.timeout(20, "How long a machine may take.")
@click.pass_context
def command(ctx: click.Context, remove: bool, yes: bool, timeout: int) -> None:
    """Hold the lock of the cluster while a command runs: cdktf-mesos lock -- cdktf deploy '*'

    Meanwhile no other deploy replaces members, and maintain and drain refuse. Without a command, show who holds the
    lock.

    Exit codes: that of the command. Without one: 0 if nobody holds the lock, 1 if a machine could not be asked, 4 if
    somebody holds it.
    """
    program = options.program_of(ctx)
    if remove and program:
        raise click.UsageError("--remove cannot be used with a command")
    hosts = read_project(Path.cwd(), (), timeout, synth=False).hosts
    if not program:
        ctx.exit(_show(hosts, timeout, remove=remove, yes=yes))
    try:
        # Further words may have a password, and everybody sees the lock.
        with locked(hosts, " ".join(program[:2]), timeout, _tell) as holder:
            code = run_in_foreground(program, {f"TF_VAR_{LOCK_VARIABLE}": holder.id})
    except Held as held:
        click.echo(f"lock: {held}", err=True)
        code = LOCKED
    ctx.exit(code)


def _tell(text: str) -> None:
    click.echo(f"lock: {text}", err=True)


def _show(hosts: Sequence[Host], seconds: float, *, remove: bool, yes: bool) -> int:
    """Show the lock, and remove it if that is wanted; returns the exit code."""
    found = holders(hosts, seconds)
    held = [f"{host.name} is locked, {each.text}" for host, each in found.items() if isinstance(each, Holder)]
    unknown = [f"{host.name}: {each}" for host, each in found.items() if isinstance(each, Exception)]
    for line in [*held, *unknown]:
        click.echo(line)
    if remove and held:
        yes or click.confirm("Remove the lock? Make sure that its owner's command does not run", abort=True)
        unknown += (problems := release(hosts, None, seconds))
        for line in problems:
            click.echo(line, err=True)
        held = []
    if not held and not unknown:
        click.echo("No machine is locked.")
    return LOCKED if held else 1 if unknown else 0
