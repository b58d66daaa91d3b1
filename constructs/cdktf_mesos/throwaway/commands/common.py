"""What several of the commands need."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from cdktf_mesos.operations import options

# Variables that the Docker provider would use although an engine is given: `DockerHost` refuses them.
_OF_DOCKER = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")

NAME_VARIABLE = "CDKTF_MESOS_NAME"
"""The variable with the name of the cluster that commands are for."""

name = click.option(
    "--name",
    envvar=NAME_VARIABLE,
    default="throwaway",
    show_default=True,
    metavar="NAME",
    help=f"The cluster's name; also as {NAME_VARIABLE}.",
)

timeout = options.timeout(120, "How long each member may take to serve.")


F = TypeVar("F", bound=Callable[..., Any])


def flag(option: str, text: str) -> Callable[[F], F]:
    """An option that is given as NAME=VALUE, any number of times. The command gets the values by their names."""
    return click.option(option, multiple=True, metavar="NAME=VALUE", callback=_by_name, help=text)


def _by_name(_: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in given:
        name, sign, value = each.removeprefix("--").partition("=")
        if not name or not sign:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE")
        found[name] = value
    return found


def remove_variables_of_docker() -> None:
    """Remove the variables by which the engine was chosen, before a synth."""
    for variable in _OF_DOCKER:
        os.environ.pop(variable, None)
    # On these releases of Node, jsii prints a notice of ten lines at each synth.
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,22")


def tell(line: str) -> None:
    """Write a line about what was done to standard error, so that the output stays what was asked for."""
    click.echo(line, err=True)
