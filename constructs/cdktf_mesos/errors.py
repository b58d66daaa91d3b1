"""The one form of the errors that the constructs raise for bad input."""

from __future__ import annotations

import re
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


def shown(name: str, value: T) -> T | str:
    """What an error says of the value of a flag: nothing, where it may be a secret."""
    return "…" if re.search("secret|credential|password|key", name) else value
