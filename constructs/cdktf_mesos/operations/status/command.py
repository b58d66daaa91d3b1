"""`cdktf-mesos status`: every member of the deployed cluster, and what is not well."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from time import sleep

import click
from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from cdktf_mesos.operations import options
from cdktf_mesos.operations.deployed import synthesised
from cdktf_mesos.operations.output import picture, plain, show
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.status.gather import gather
from cdktf_mesos.operations.status.report import Status
from cdktf_mesos.operations.status.table import table
from cdktf_mesos.operations.synthesis import read_stacks


@click.command("status")
@options.as_json
@click.option(
    "--watch",
    is_flag=False,
    flag_value=5.0,
    type=click.FloatRange(min=1),
    metavar="[SECONDS]",
    help="Repeat until Ctrl-C, with a pause of SECONDS; by default 5.",
)
@options.timeout(20, "How long a host may take.")
@click.option("--synth", is_flag=True, help="Synthesise first. By default it uses what cdktf synthesised last.")
@options.screenshot
@click.pass_context
def command(
    ctx: click.Context, as_json: bool, watch: float | None, timeout: int, synth: bool, screenshot: Path | None
) -> None:
    """Show every member of the deployed cluster, who leads, the agents, and what is not well.

    It changes nothing. It uses the Docker connections of a deploy.

    Exit codes: 0 if all is well, 1 if something could not be found out, 2 if something is not well.
    """
    if watch is not None and screenshot:
        raise click.UsageError("--screenshot cannot be used with --watch")
    processes = Processes(max(timeout, 60))
    own = synthesised(Path.cwd(), processes, synth=synth)
    status_now = partial(_status, Path.cwd(), processes, timeout, own=own)
    if watch is not None:
        ctx.exit(_watch(status_now, watch, as_json))
    status = status_now()
    output = table(status, datetime.now(timezone.utc))
    if as_json:
        click.echo(json.dumps(status.as_json(), indent=2))
    else:
        show(output)
    if screenshot:
        screenshot.write_text(picture(output, "cdktf-mesos status"))
    ctx.exit(status.exit_code())


def _status(directory: Path, processes: Processes, seconds: float, *, own: bool) -> Status:
    return gather(directory, read_stacks(directory, own=own), processes, seconds)


def _watch(status_now: Callable[[], Status], pause: float, as_json: bool) -> int:
    """Show the status until Ctrl-C; returns the exit code of the last one."""
    code = 1
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        live = None if as_json or not sys.stdout.isatty() else stack.enter_context(Live(auto_refresh=False))
        while True:
            output, code = _output(status_now, as_json)
            if live:
                live.update(output, refresh=True)
            else:
                click.echo(output if isinstance(output, str) else plain(output))
            sleep(pause)
    return code


def _output(status_now: Callable[[], Status], as_json: bool) -> tuple[RenderableType, int]:
    now = datetime.now(timezone.utc)
    try:
        status = status_now()
    except (RuntimeError, ValueError) as problem:
        # A running deploy may be writing the file that was read.
        return Text(f"status: {problem}", "red"), 1
    return json.dumps(status.as_json()) if as_json else table(status, now, problems_first=True), status.exit_code()
