"""The one form of the errors that the constructs raise for bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from constructs import Construct

T = TypeVar("T")


def invalid(construct: Construct | str, argument: str, value: object, right: str) -> ValueError:
    """The error for an argument that cannot be used.

    Args:
        construct: the construct that was given the argument, or its path.
        argument: the argument's name.
        value: what was given; shown as it would be written in Python.
        right: what would be right.
    """
    path = construct if isinstance(construct, str) else construct.node.path
    return ValueError(f"{path}: {argument}={value!r}: {right}")


@contextmanager
def said_of(construct: Construct | str) -> Iterator[None]:
    """Has the errors of a block name the construct, or what has that path, before all else."""
    try:
        yield
    except ValueError as error:
        path = construct if isinstance(construct, str) else construct.node.path
        raise ValueError(f"{path}: {error}") from None


def shown(name: str, value: T) -> T | str:
    """What an error says of the value of a flag: nothing, where it may be a secret or a URL with one."""
    secret = re.search("secret|credential|password|key|docker.config", name.lower()) or re.search("://.*@", str(value))
    return "…" if secret else value
