"""`cdktf-mesos pull`: pulls the images of the next deploy on all machines at the same time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cdktf_mesos.operations import options
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import engine, pull
from cdktf_mesos.operations.project import read_project
from cdktf_mesos.operations.pull.images import Images


@click.command("pull")
@options.hosts
@options.timeout(1800, "How long a machine may take.")
@options.no_synth
@click.pass_context
def command(ctx: click.Context, names: Sequence[str], timeout: int, no_synth: bool) -> None:
    """Pull the images of the next deploy on all machines at the same time.

    The deploy then does not wait for them. If no registry has a version, this shows before a deploy begins.

    Exit codes: 0 if all machines have all images, 1 if not.
    """
    project = read_project(Path.cwd(), names, timeout, synth=not no_synth)
    images = Images(project)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:

        def job(host: Host) -> list[str]:
            if host.connection is None:
                raise RuntimeError(host.error)
            wanted = images.of(host)
            task = progress.add_task(host.name, total=len(wanted))
            pulled = []
            with engine(host.connection, timeout) as client:
                for image in wanted:
                    if pull(client, image, host.connection):
                        pulled.append(image)
                    progress.advance(task)
            return pulled

        answers = at_once({host: partial(job, host) for host in project.hosts}, timeout)
    for host, answer in answers.items():
        failed = isinstance(answer, Exception)
        click.echo(f"{host.name}: {answer if failed else _result(answer)}", err=failed)
    ctx.exit(1 if any(isinstance(each, Exception) for each in answers.values()) else 0)


def _result(pulled: Sequence[str] | Exception) -> str:
    return f"pulled {', '.join(pulled)}" if isinstance(pulled, Sequence) and pulled else "has all images"
