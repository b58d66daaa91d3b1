"""`cdktf-mesos secrets`: makes the directory of a cluster's secrets."""

from __future__ import annotations

from pathlib import Path

import click

from cdktf_mesos.security.directory import make_secrets, read_secrets


@click.command("secrets")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def command(directory: Path) -> None:
    """Make the directory of a cluster's secrets, for the setting `security`.

    It gets one file for each principal, with random letters and digits. What is there already stays as it is, so the
    command can be repeated. Keep a copy outside of the cluster, and give it to each operator.
    """
    try:
        made = make_secrets(directory)
    except OSError as problem:
        raise click.ClickException(f"{directory} cannot be written: {problem}") from None
    read_secrets(str(directory))
    click.echo(f"{directory}: made {', '.join(made)}" if made else f"{directory}: all secrets are there")
    click.echo("Do not commit this directory. Its .gitignore keeps git from adding it.")
