"""`cdktf-mesos backup`: one archive with what a cluster cannot lose."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.operations import options
from cdktf_mesos.operations.backup.archive import pack
from cdktf_mesos.operations.backup.gather import Gathered, gather
from cdktf_mesos.operations.backup.targets import target
from cdktf_mesos.operations.ensemble import ensemble_of
from cdktf_mesos.operations.project import read_project
from cdktf_mesos.operations.stack_states import read_states
from cdktf_mesos.operations.status.wanted import wanted_members


@click.command("backup")
@click.argument("place", metavar="TARGET")
@options.ensemble
@click.option("--no-states", is_flag=True, help="Leave out Terraform's states.")
@click.option("--ssh-option", "ssh_options", metavar="WORD", multiple=True, help="A word for ssh. Repeatable.")
@options.as_json
@options.timeout(120, "How long an answer of an engine may take, and each state; and ssh to the target.")
@options.no_synth
def command(
    place: str,
    ensemble: str | None,
    no_states: bool,
    ssh_options: Sequence[str],
    as_json: bool,
    timeout: int,
    no_synth: bool,
) -> None:
    """Copy ZooKeeper's data, the pins and Terraform's states into one archive.

    TARGET is a file, a directory, user@host:/path, or s3://bucket/key. In a directory the archive is named after the
    cluster and the time.

    The data come from a server that serves, over the Docker connection of a deploy. They have every write that was
    acknowledged before the command began. The archive is read back and checked before it gets its name.

    Exit codes: 0 if the archive is there and checked, 1 if not.
    """
    project = read_project(Path.cwd(), (), timeout, synth=not no_synth)
    if not no_states:
        project = dataclasses.replace(project, states=read_states(project.stacks, project.terraform))
    members = wanted_members(project.stacks, project.hosts, project.states, project.terraform)
    chosen = ensemble_of(project, members, ensemble)
    with tempfile.TemporaryDirectory(prefix="cdktf-mesos-") as temporary:
        content, archive = Path(temporary) / "content", Path(temporary) / "archive.tar.gz"
        content.mkdir()
        # A target that cannot be used is an error before anything is copied.
        target(place, "archive", ssh_options, timeout)
        gathered = gather(project, chosen, members, content, timeout, states=not no_states)
        manifest = pack(gathered.manifest, content, gathered.owners, archive)
        name = f"{re.sub('[^A-Za-z0-9_.-]', '-', manifest.cluster)}-{re.sub('[-:]', '', manifest.made)}.tar.gz"
        full_name, send = target(place, name, ssh_options, timeout)
        size = archive.stat().st_size
        send(archive)
    if as_json:
        found = {**dataclasses.asdict(manifest), "target": full_name, "size": size}
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(_summary(gathered, full_name, size))


def _summary(gathered: Gathered, target: str, size: int) -> str:
    manifest, copied = gathered.manifest, gathered.copied
    data = (
        f"{manifest.cluster}: ZooKeeper {manifest.release} of {manifest.source} ({manifest.mode}): a snapshot with "
        f"{copied.nodes} znodes and {copied.transactions} transactions, up to {manifest.zxid}"
    )
    states = f"{gathered.states} states of Terraform, which have all flags and environment in clear text"
    return "\n".join([data, *([states] if gathered.states else []), f"{target}: {size} bytes, checked"])
