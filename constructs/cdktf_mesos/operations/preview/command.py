"""`cdktf-mesos preview` (`make diff`): what a deploy would do to the whole cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.operations.leftovers import leftovers
from cdktf_mesos.operations.output import picture, show
from cdktf_mesos.operations.preview.mermaid import mermaid
from cdktf_mesos.operations.preview.plans import Planner
from cdktf_mesos.operations.preview.report import Report
from cdktf_mesos.operations.preview.svg import svg
from cdktf_mesos.operations.preview.table import table
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.synthesis import read_stacks, synthesise


def _writable(ctx: click.Context, parameter: click.Parameter, target: str | None) -> str | None:
    """Refuse a file that cannot be written, before anything is planned. `-` is standard output."""
    if target is None or target == "-":
        return target
    path = Path(target)
    place = path if path.exists() else path.parent
    if path.is_dir() or not os.access(place, os.W_OK):
        why = "it is a directory" if path.is_dir() else "it is read-only" if place.exists() else f"there is no {place}"
        raise click.BadParameter(f"{target} cannot be written: {why}")
    return target


@click.command("preview")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if something changes.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead of the table.")
@click.option(
    "--svg",
    "svg_file",
    metavar="FILE",
    callback=_writable,
    help="Write a picture of the cluster and the roll, too; - prints it instead of the table.",
)
@click.option(
    "--mermaid", "mermaid_file", metavar="FILE", callback=_writable, help="The same as --svg, as a mermaid diagram."
)
@click.option(
    "--screenshot",
    metavar="FILE",
    callback=_writable,
    help="Also write the table as a picture of a terminal (SVG).",
)
@click.option(
    "--var",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="A Terraform variable, for the stacks that declare it. Repeatable.",
)
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=120,
    metavar="SECONDS",
    show_default=True,
    help="Time limit for each command that the preview runs.",
)
@click.option(
    "--parallelism",
    type=click.IntRange(min=1),
    default=4,
    metavar="N",
    show_default=True,
    help="How many stacks are planned at the same time.",
)
@click.option(
    "--no-synth",
    is_flag=True,
    help="Use what cdktf synthesised last. A running deploy uses this, too.",
)
@click.pass_context
def command(
    ctx: click.Context,
    detailed_exitcode: bool,
    as_json: bool,
    svg_file: str | None,
    mermaid_file: str | None,
    screenshot: str | None,
    variables: Sequence[str],
    timeout: int,
    parallelism: int,
    no_synth: bool,
) -> None:
    """Show what a deploy would do to the whole cluster, in the order of the roll.

    Exit codes: 0, or 1 if a stack cannot be planned; with --detailed-exitcode 2 if something changes.
    """
    report = _preview(Path.cwd(), variables, timeout=timeout, parallelism=parallelism, synth=not no_synth)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    elif "-" not in (svg_file, mermaid_file):
        show(table(report))
    for target, diagram in ((svg_file, svg), (mermaid_file, mermaid)):
        if target == "-":
            click.echo(diagram(report))
        elif target:
            Path(target).write_text(diagram(report) + "\n")
    if screenshot:
        Path(screenshot).write_text(picture(table(report), "cdktf-mesos preview"))
    for each in report.stacks:
        if "\n" in each.plan.details and not as_json:
            click.echo(f"\n{each.stack.name} cannot be planned:\n{each.plan.details}", err=True)
    ctx.exit(report.exit_code(detailed=detailed_exitcode))


def _preview(directory: Path, variables: Sequence[str], *, timeout: int, parallelism: int, synth: bool) -> Report:
    """Synthesise and plan all.

    Raises:
        RuntimeError: the application cannot be synthesised.
        ValueError: no stack has a given variable; a state is cut off.
    """
    processes = Processes(timeout)
    if synth:
        synthesise(processes, directory)
    stacks = read_stacks(directory, own=synth)
    for each in variables:
        name, equals, _ = each.partition("=")
        if not equals or not any(name in stack.variables for stack in stacks):
            raise ValueError(f"--var {each}: use name=value, with a variable that a stack has")
    plans = Planner(processes, variables).plan_all(stacks, parallelism)
    return Report.of(stacks, plans, leftovers(directory, stacks))
