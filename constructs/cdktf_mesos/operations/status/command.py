"""`cdktf-mesos status`: every member of the deployed cluster, and what is not well."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from time import sleep

import click
from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from cdktf_mesos.operations.output import picture, plain, show
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.status.gather import gather
from cdktf_mesos.operations.status.report import Status
from cdktf_mesos.operations.status.table import table
from cdktf_mesos.operations.synthesis import read_stacks, synthesise


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead of the tables.")
@click.option(
    "--watch",
    is_flag=False,
    flag_value=5.0,
    type=click.FloatRange(min=1),
    metavar="[SECONDS]",
    help="Repeat until Ctrl-C, with a pause of SECONDS; by default 5.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=20,
    metavar="SECONDS",
    show_default=True,
    help="How long a host may take.",
)
@click.option("--synth", is_flag=True, help="Synthesise first. By default it uses what cdktf synthesised last.")
@click.option(
    "--screenshot",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Also write the output as a picture of a terminal (SVG).",
)
@click.pass_context
def command(
    ctx: click.Context, as_json: bool, watch: float | None, timeout: float, synth: bool, screenshot: Path | None
) -> None:
    """Show every member of the deployed cluster, who leads, the agents, and what is not well.

    It changes nothing. It uses the Docker connections of a deploy.

    Exit codes: 0 if all is well, 1 if something could not be found out, 2 if something is not well.
    """
    look = _Look(Path.cwd(), timeout, synth)
    if watch is None:
        status = look()
        output = table(status, datetime.now(timezone.utc))
        if as_json:
            click.echo(json.dumps(status.as_json(), indent=2))
        else:
            show(output)
        if screenshot:
            screenshot.write_text(picture(output, "cdktf-mesos status"))
        ctx.exit(status.exit_code())
    ctx.exit(_watch(look, watch, as_json))


class _Look:
    """Gathers the status of the cluster, each time that it is called."""

    def __init__(self, directory: Path, seconds: float, synth: bool) -> None:
        self._directory, self._seconds = directory, seconds
        self._processes = Processes(max(seconds, 60))
        self._own = synth
        if not synth:
            try:
                read_stacks(directory, own=False)
            except RuntimeError:
                self._own = True
        if self._own:
            synthesise(self._processes, directory)

    def __call__(self) -> Status:
        stacks = read_stacks(self._directory, own=self._own)
        return gather(self._directory, stacks, self._processes, self._seconds)


def _watch(look: _Look, pause: float, as_json: bool) -> int:
    """Show the status until Ctrl-C; returns the exit code of the last one."""
    code = 1
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        live = None if as_json or not sys.stdout.isatty() else stack.enter_context(Live(auto_refresh=False))
        while True:
            output, code = _look(look, as_json)
            if live:
                live.update(output, refresh=True)
            else:
                click.echo(output if isinstance(output, str) else plain(output))
            sleep(pause)
    return code


def _look(look: _Look, as_json: bool) -> tuple[RenderableType, int]:
    now = datetime.now(timezone.utc)
    try:
        status = look()
    except (RuntimeError, ValueError) as problem:
        # A running deploy may be writing the file that was read.
        return Text(f"status: {problem}", "red"), 1
    return json.dumps(status.as_json()) if as_json else table(status, now, problems_first=True), status.exit_code()
