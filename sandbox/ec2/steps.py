"""Decides what a host must do next to follow its instance."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from sandbox.ec2.inventory import Instance


class Step(enum.Enum):
    """What a machine does next."""

    NOTHING = enum.auto()
    BOOT = enum.auto()
    START = enum.auto()
    STOP = enum.auto()
    END = enum.auto()


def due(current: str | None, is_on: bool, here: Sequence[Instance]) -> Step:
    """The next step of a machine.

    Args:
        current: the id of the instance that it is, or was last; None if it has not been one yet.
        is_on: whether it is switched on as that instance.
        here: all instances that have, or had, its address.
    """
    states = {each.id: each.state for each in here}
    state = states.get(current or "")
    if is_on:
        if state in {"pending", "running"}:
            return Step.NOTHING
        return Step.STOP if state in {"stopping", "stopped"} else Step.END
    if "running" not in states.values():
        return Step.NOTHING
    return Step.START if state == "running" else Step.BOOT
