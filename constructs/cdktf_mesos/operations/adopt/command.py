"""`cdktf-mesos adopt`: takes containers that run into the states of their stacks, if the states do not have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from cdktf_mesos.operations import options
from cdktf_mesos.operations.adopt.compare import Found, compare, missing, not_named
from cdktf_mesos.operations.adopt.engines import look
from cdktf_mesos.operations.adopt.report import Report
from cdktf_mesos.operations.adopt.terraform_import import import_containers
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.confirm import confirm
from cdktf_mesos.operations.output import show
from cdktf_mesos.operations.project import Project, read_project


@click.command("adopt")
@click.option("--dry-run", is_flag=True, help="Only show what would be adopted.")
@click.option("--yes", is_flag=True, help="Do not ask before states are written.")
@options.as_json
@options.timeout(300, "How long a machine, and each command of Terraform, may take.")
@options.no_synth
@click.pass_context
def command(ctx: click.Context, dry_run: bool, yes: bool, as_json: bool, timeout: int, no_synth: bool) -> None:
    """Take containers that run into the states of their stacks, after states were lost.

    It changes nothing on the machines. The next deploy replaces each adopted container once, in the order of the roll,
    after its checks.

    Exit codes: 0 if the states have all containers of the program that run, 1 if not; 2 for wrong usage.
    """
    project = read_project(Path.cwd(), (), timeout, synth=not no_synth, all_states=True)
    seen = at_once({host: partial(look, host, timeout) for host in project.hosts}, timeout)
    found = compare(project.stacks, project.states, seen)
    report = Report(found, list(missing(project.stacks, project.states)), not_named(project.stacks, seen))
    if report.to_adopt and not dry_run:
        if not yes:
            confirm(report.table(), f"Adopt {report.count}?")
        report = report.after(_adopt(project, report.to_adopt, timeout))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        show(report.table())
        if any(each.outcome == "adopted" for each in report.found):
            click.echo("\nThe next deploy replaces each adopted container once. See cdktf-mesos preview first.")
    ctx.exit(1 if report.problems else 0)


def _adopt(project: Project, containers: Sequence[Found], seconds: float) -> dict[str, Exception | None]:
    """Import containers, each stack by itself; returns what failed, by the names of the stacks."""
    stacks = {each.name: each for each in project.stacks}
    by_stack: dict[str, list[Found]] = {}
    for each in containers:
        by_stack.setdefault(each.stack, []).append(each)
    jobs = {
        name: partial(import_containers, stacks[name], wanted, project.terraform) for name, wanted in by_stack.items()
    }
    # Each job runs five commands, and all of them share the processors of this machine.
    return at_once(jobs, 5 * seconds)
