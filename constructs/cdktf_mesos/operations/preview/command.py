"""`cdktf-mesos preview` (`make diff`): what a deploy would do to the whole cluster."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.operations import options
from cdktf_mesos.operations.leftovers import leftovers
from cdktf_mesos.operations.output import picture, show
from cdktf_mesos.operations.preview.mermaid import mermaid
from cdktf_mesos.operations.preview.plans import Planner
from cdktf_mesos.operations.preview.report import Report
from cdktf_mesos.operations.preview.svg import svg
from cdktf_mesos.operations.preview.table import table
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.synthesis import read_stacks, synthesise


@click.command("preview")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if something changes.")
@options.as_json
@options.output_file(
    "--svg",
    "svg_file",
    or_dash=True,
    help_text="Write a picture of the cluster and the roll, too; - prints it instead of the table.",
)
@options.output_file("--mermaid", "mermaid_file", or_dash=True, help_text="The same as --svg, as a mermaid diagram.")
@options.screenshot
@click.option(
    "--var",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="A Terraform variable, for the stacks that declare it. Repeatable.",
)
@options.timeout(120, "Time limit for each command that the preview runs.")
@click.option(
    "--parallelism",
    type=click.IntRange(min=1),
    default=4,
    metavar="N",
    show_default=True,
    help="How many stacks are planned at the same time.",
)
@options.no_synth
@click.pass_context
def command(
    ctx: click.Context,
    detailed_exitcode: bool,
    as_json: bool,
    svg_file: Path | None,
    mermaid_file: Path | None,
    screenshot: Path | None,
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
    elif options.DASH not in (svg_file, mermaid_file):
        show(table(report))
    for target, diagram in ((svg_file, svg), (mermaid_file, mermaid)):
        if target == options.DASH:
            click.echo(diagram(report))
        elif target:
            target.write_text(diagram(report) + "\n")
    if screenshot:
        screenshot.write_text(picture(table(report), "cdktf-mesos preview"))
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
