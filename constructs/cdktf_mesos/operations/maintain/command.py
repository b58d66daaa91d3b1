"""`cdktf-mesos maintain`: keeps the cluster serving while machines are updated or rebooted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.operations import options
from cdktf_mesos.operations.drain.bare import Refused, read_credential
from cdktf_mesos.operations.lock.deploys import QUIET_SECONDS
from cdktf_mesos.operations.lock.holder import LOCKED, Held
from cdktf_mesos.operations.maintain.progress import alone
from cdktf_mesos.operations.maintain.session import read_session
from cdktf_mesos.operations.maintain.wishes import Stop, Wishes


@click.command("maintain", cls=options.WithProgram)
@click.argument("names", metavar="[HOST]...", nargs=-1)
@click.option("--all", "everywhere", is_flag=True, help="All machines, one after another.")
@click.option("--done", is_flag=True, help="The work is done: wait until the machine is back, and undo the drain.")
@click.option("--keep-tasks", is_flag=True, help="Tasks stay: for work that does not stop the engine.")
@click.option("--reboots", is_flag=True, help="COMMAND reboots the machine: wait until it has.")
@click.option("--outage", is_flag=True, help="Also a machine with the only member of a set.")
@click.option("--only-if", metavar="COMMAND", help="Leave out machines for which this command's exit code is 1.")
@click.option("--again", is_flag=True, help="Also machines that an earlier call has done before it stopped.")
@options.seconds("--patience-seconds", 60, "How long other members may take to serve.")
@options.seconds("--drain-seconds", 600, "How long all tasks of a machine may take to move.")
@options.seconds("--grace", None, "How long each task may take to end, at most. By default its framework decides.")
@options.seconds("--back-seconds", 900, "How long a machine may take to be back.")
@options.seconds("--quiet-seconds", QUIET_SECONDS, "How long ago the last step of a deploy must be.")
@options.credential
@options.timeout(20, "How long an engine may take to answer.")
@click.option("--synth", is_flag=True, help="Synthesise first. By default it uses what cdktf synthesised last.")
@click.pass_context
def command(
    ctx: click.Context,
    names: Sequence[str],
    everywhere: bool,
    done: bool,
    keep_tasks: bool,
    reboots: bool,
    outage: bool,
    only_if: str | None,
    again: bool,
    patience_seconds: float,
    drain_seconds: float,
    grace: float | None,
    back_seconds: float,
    quiet_seconds: float,
    credential_file: Path | None,
    timeout: int,
    synth: bool,
) -> None:
    """Keep the cluster serving while HOST is updated or rebooted.

    It checks that every other member of the machine's sets serves, and moves its tasks away. With a COMMAND it runs
    that, waits until the machine and its members are back, and lets it have tasks again. Without one it ends with exit
    code 0 when it is safe to work on the machine; call it with --done afterwards.

    \b
    cdktf-mesos maintain --all --reboots -- {ssh} sudo systemctl reboot

    Exit codes: 0, or 1 something could not be found out, 3 a set cannot do without the machine, 4 somebody else works
    on the cluster, 5 tasks are left, 6 COMMAND failed, 7 the machine is not back in time.
    """
    program = options.program_of(ctx)
    if everywhere is bool(names or done):
        raise click.UsageError("name machines, or use --all")
    if done and program:
        raise click.UsageError("--done cannot be used with a COMMAND")
    if not done and not program and len(names) != 1:
        raise click.UsageError("without a COMMAND it is for one HOST at a time")
    if (reboots or only_if) and not (program or done):
        raise click.UsageError("--reboots and --only-if are for a COMMAND")
    try:
        wishes = Wishes(
            keep_tasks=keep_tasks,
            outage=outage,
            reboots=reboots,
            patience=patience_seconds,
            drain=drain_seconds,
            grace=grace,
            back=back_seconds,
            answer=timeout,
            credential=read_credential(credential_file) if credential_file else None,
        )
        with alone(Path.cwd()):
            session = read_session(Path.cwd(), wishes, synth=synth)
            if done:
                machines = session.under_way(names)
            else:
                machines = session.choose(None if everywhere else names, only_if, again=again)
            session.maintain(machines, program, quiet_seconds, begin=not done, end=done or bool(program))
    except (Stop, Held, Refused) as reason:
        click.echo(f"maintain: {reason}", err=True)
        ctx.exit(reason.code if isinstance(reason, Stop) else LOCKED if isinstance(reason, Held) else 1)
