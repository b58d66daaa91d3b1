"""The one form of the errors that the constructs raise for bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    # Imported here, it would start Node, also for the commands that need no construct.
    from constructs import Construct

T = TypeVar("T")


def invalid(construct: Construct | str, argument: str, value: object, remedy: str) -> ValueError:
    """The error for an argument that cannot be used: `<path>: <argument> is invalid: <value>. <remedy>`.

    Args:
        construct: the construct that was given the argument, or its path.
        argument: the argument's name.
        value: what was given; shown as it would be written in Python.
        remedy: what to do, as a sentence without its full stop: "Use a path that begins with '/', such as '/mesos'".
    """
    return ValueError(f"{_path(construct)}: {argument} is invalid: {value!r}. {remedy}")


def check_one_of(
    construct: Construct | str, argument: str, value: object, choices: Sequence[str], otherwise: str = ""
) -> None:
    """Refuse a value that is not in a list of choices.

    Args:
        construct: the construct that was given the argument, or its path.
        argument: the argument's name.
        value: what was given.
        choices: the values that are accepted.
        otherwise: what to do instead of using one of them, such as "leave out tls for a cluster without it".

    Raises:
        ValueError: the value is not in the list.
    """
    if value not in choices:
        remedy = f"Use {' or '.join(map(repr, choices))}"
        raise invalid(construct, argument, value, f"{remedy}; {otherwise}" if otherwise else remedy)


def check_whole(construct: Construct | str, argument: str, value: object, least: int = 1, of: str = "") -> None:
    """Refuse a value that is not a whole number, `least` or more.

    Args:
        construct: the construct that was given the argument, or its path.
        argument: the argument's name.
        value: what was given.
        least: the smallest possible value; by default 1.
        of: what it counts, such as "MiB", if the argument's name does not say so.

    Raises:
        ValueError: the value is something else, True and False included.
    """
    # The type of True is not int.
    if type(value) is not int or value < least:
        raise invalid(construct, argument, value, f"Use a whole number{of and f' of {of}'}, {least} or more")


@contextmanager
def in_errors(construct: Construct | str) -> Iterator[None]:
    """Puts the construct's path before the messages of all errors that the block raises."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{_path(construct)}: {error}") from None


def shown(name: str, value: T) -> T | str:
    """The value of a flag, for an error's message; "…" if it may be a secret, or a URL with one."""
    secret = re.search("secret|credential|password|key|docker.config", name.lower()) or re.search("://.*@", str(value))
    return "…" if secret else value


def _path(construct: Construct | str) -> str:
    return construct if isinstance(construct, str) else construct.node.path
