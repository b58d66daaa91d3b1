"""`cdktf-mesos doctor`: checks machines before anything is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cdktf_mesos.operations import options
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.doctor.checks import Examined, checks_of, examine
from cdktf_mesos.operations.output import show
from cdktf_mesos.operations.project import read_project

Answers = Mapping[Host, Examined | Exception]


@click.command("doctor")
@options.hosts
@options.as_json
@click.option("--keep-images", is_flag=True, help="Keep the images that the check pulls, for the deploy.")
@options.timeout(600, "How long a machine may take, including the pull of an image.")
@options.no_synth
@click.pass_context
def command(
    ctx: click.Context, names: Sequence[str], as_json: bool, keep_images: bool, timeout: int, no_synth: bool
) -> None:
    """Check the machines of the program, before anything is deployed.

    It runs the machine check of a deploy on all machines, and shows all findings. It uses the Docker connections of a
    deploy. Nothing stays on the machines.

    Exit codes: 0 if all is well, 1 if a machine could not be checked, 2 if a machine has a problem.
    """
    answers = _examine_all(Path.cwd(), names, timeout, synth=not no_synth, keep_images=keep_images)
    if as_json:
        click.echo(json.dumps(_as_json(answers), indent=2))
    else:
        show(_table(answers))
    found = any(isinstance(each, Examined) and each.findings for each in answers.values())
    failed = any(isinstance(each, Exception) for each in answers.values())
    ctx.exit(2 if found else 1 if failed else 0)


def _examine_all(
    directory: Path, names: Sequence[str], seconds: float, *, synth: bool, keep_images: bool
) -> dict[Host, Examined | Exception]:
    project = read_project(directory, names, seconds, synth=synth)

    def job(host: Host) -> Examined:
        checks = checks_of(project.stacks, host, project.states, project.terraform)
        return examine(host, checks, seconds, keep_images=keep_images)

    return at_once({host: partial(job, host) for host in project.hosts}, seconds)


def _table(answers: Answers) -> RenderableType:
    table = Table("machine", "engine", "what was found", box=None, pad_edge=False)
    for host, answer in answers.items():
        if isinstance(answer, Exception):
            table.add_row(Text(host.name, "bold"), "-", Text(str(answer), "yellow"))
            continue
        lines = [Text(line, "red") for line in answer.findings] + [Text(line, "yellow") for line in answer.notes]
        if not answer.checks:
            lines.append(Text("its engine answers, but the program has no machine check for this machine", "yellow"))
        first, *others = lines or [Text("well", "green")]
        table.add_row(Text(host.name, "bold"), answer.version, first)
        for line in others:
            table.add_row("", "", line)
    return Group(table)


def _as_json(answers: Answers) -> list[dict[str, object]]:
    return [
        {"machine": host.name, "error": str(answer)}
        if isinstance(answer, Exception)
        else {
            "machine": host.name,
            "engine": answer.version,
            "checks": answer.checks,
            "findings": list(answer.findings),
            "notes": list(answer.notes),
        }
        for host, answer in answers.items()
    ]
