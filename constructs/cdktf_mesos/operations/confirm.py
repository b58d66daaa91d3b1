"""The one question before a command changes something."""

from __future__ import annotations

import sys

import click
from rich.console import RenderableType

from cdktf_mesos.operations.output import plain


def confirm(shown: RenderableType, question: str) -> None:
    """Show what would be done, and ask once.

    Args:
        shown: what would be done.
        question: the question.

    Raises:
        RuntimeError: there is no terminal to ask at.
        click.Abort: the answer is no.
    """
    click.echo(plain(shown), err=True)
    if not _at_a_terminal():
        raise RuntimeError("nothing was changed: there is no terminal to ask at. Read the plan, then use --yes")
    click.confirm(question, abort=True, err=True)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()
