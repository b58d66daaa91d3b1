"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_PROGRAM = f"{__name__}.program"

DASH = Path("-")
"""Standard output, as the value of an option."""


def output_file(*names: str, help_text: str, or_dash: bool = False) -> Callable[[F], F]:
    """An option for a file to write. If it cannot be written, that is an error before the command begins its work.

    Args:
        names: the option's names, as click takes them.
        help_text: what is written to it.
        or_dash: whether `-` means standard output; by default it is an error.
    """

    def writable(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        if path is None or (or_dash and path == DASH):
            return path
        place = path if path.exists() else path.parent
        if path == DASH:
            reason = "give the name of a file"
        elif path.is_dir():
            reason = "it is a directory"
        elif os.access(place, os.W_OK):
            return path
        else:
            reason = "it is read-only" if place.exists() else f"there is no {place}"
        raise click.BadParameter(f"{path} cannot be written: {reason}")

    return click.option(*names, type=click.Path(path_type=Path), metavar="FILE", callback=writable, help=help_text)


def timeout(default: int, help_text: str) -> Callable[[F], F]:
    """`--timeout SECONDS`.

    Args:
        default: its default, in seconds.
        help_text: what the limit is for.
    """
    return click.option(
        "--timeout",
        type=click.IntRange(min=1),
        default=default,
        metavar="SECONDS",
        show_default=True,
        help=help_text,
    )


def seconds(name: str, default: float | None, help_text: str) -> Callable[[F], F]:
    """An option for a time in seconds.

    Args:
        name: the option's name.
        default: its default; None if it has none.
        help_text: what the time is for.
    """
    return click.option(
        name,
        type=click.FloatRange(min=0),
        default=default,
        metavar="SECONDS",
        show_default=default is not None,
        help=help_text,
    )


class WithProgram(click.Command):
    """A command whose arguments may end with `-- PROGRAM ARGUMENT…`; `program_of` returns these words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what follows the first `--`."""
        if "--" in args:
            at = args.index("--")
            args, ctx.meta[_PROGRAM] = args[:at], args[at + 1 :]
            if not ctx.meta[_PROGRAM]:
                raise click.UsageError("there is no command after --", ctx)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces of the line `Usage:`."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND…]"]


def program_of(ctx: click.Context) -> list[str]:
    """The words after `--`; empty if there are none."""
    words: list[str] = ctx.meta.get(_PROGRAM, [])
    return words


as_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead of a table.")

credential = click.option(
    "--credential",
    "credential_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='A file, if the masters require a password: `operator` of the secrets, or {"principal": "…", "secret": "…"}.',
)
ensemble = click.option("--ensemble", metavar="PATH", help="Which ZooKeeper ensemble, if the program has several.")

hosts = click.option("--host", "names", metavar="NAME", multiple=True, help="Only this machine. Repeatable.")

no_synth = click.option(
    "--no-synth", is_flag=True, help="Use what cdktf synthesised last. A running deploy uses this, too."
)

screenshot = output_file("--screenshot", help_text="Also write the output as a picture of a terminal (SVG).")
