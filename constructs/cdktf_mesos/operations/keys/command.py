"""`cdktf-mesos keys`: lists, adds and removes the ssh keys that log in to the machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from cdktf_mesos.host.public_key import PublicKey, keys_in
from cdktf_mesos.operations import options
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.keys.logins import Login, logins_of
from cdktf_mesos.operations.output import show
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.project import read_project

_FILE = click.Path(path_type=Path)


@click.command("keys")
@click.option(
    "--add", "added", type=_FILE, metavar="FILE", multiple=True, help="Add the keys in this file. Repeatable."
)
@click.option("--remove", "removed", type=_FILE, metavar="FILE", multiple=True, help="Remove them. Repeatable.")
@options.hosts
@options.timeout(60, "How long a machine may take.")
@click.pass_context
def command(
    ctx: click.Context, added: Sequence[Path], removed: Sequence[Path], names: Sequence[str], timeout: int
) -> None:
    """Show the ssh keys that may log in to the machines, add some, or remove some.

    FILE has public keys, such as id_ed25519.pub. It is for the user that the program logs in as, and for the bastion of
    the platform aws, too. After a removal it logs in once more; if that fails, it puts the keys back.

    Exit codes: 0, or 1 if a machine could not be reached or changed.
    """
    adding, removing = ([key for path in paths for key in keys_in(path)] for paths in (added, removed))
    if both := {each.blob for each in adding} & {each.blob for each in removing}:
        raise ValueError(f"the same key is in --add and --remove ({len(both)})")
    processes = Processes(timeout)
    logins, missing = logins_of(read_project(Path.cwd(), names, timeout, synth=False).hosts)
    jobs = {each: partial(_change, each, processes, adding, removing) for each in logins}
    try:
        answers = at_once(jobs, 4 * timeout)
    finally:
        processes.end()
    show(_table(answers, missing))
    ctx.exit(1 if any(isinstance(each, Exception) for each in answers.values()) else 0)


def _change(
    login: Login, processes: Processes, adding: Sequence[PublicKey], removing: Sequence[PublicKey]
) -> list[PublicKey]:
    """Change the keys of a machine; returns those that it has then."""
    if adding:
        login.add(processes, adding)
    there = login.read(processes)
    blobs = {each.blob for each in there}
    if gone := [each for each in removing if each.blob in blobs]:
        login.remove(processes, gone)
        there = login.read(processes)
    return there


def _table(answers: Mapping[Login, list[PublicKey] | Exception], missing: Mapping[str, str]) -> Table:
    table = Table("machine", "key", "fingerprint", "comment", box=None, pad_edge=False)
    for login, answer in answers.items():
        if isinstance(answer, Exception):
            table.add_row(Text(login.name, "bold"), "-", "-", Text(str(answer), "yellow"))
            continue
        for number, key in enumerate(answer):
            machine = Text("" if number else login.name, "bold")
            table.add_row(machine, Text(key.kind), Text(key.fingerprint), Text(key.comment))
    for name, why in missing.items():
        table.add_row(Text(name, "bold"), "-", "-", Text(why, "yellow"))
    return table
