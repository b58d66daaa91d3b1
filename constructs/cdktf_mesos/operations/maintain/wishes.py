"""What the user wants of a maintenance, and how one that stops says why."""

from __future__ import annotations

from dataclasses import dataclass

REFUSED, TASKS_LEFT, FAILED, NOT_BACK = 3, 5, 6, 7
"""Exit codes, in addition to LOCKED of lock/holder.py; docs/maintenance.md says what they mean."""


class Stop(Exception):  # noqa: N818 (an answer, not a fault)
    """The maintenance stops here.

    Args:
        code: the exit code of the command.
        message: the reason.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Wishes:
    """What the user wants. Times are in seconds.

    Args:
        keep_tasks: whether tasks stay on the machine.
        outage: whether a set may be without any member meanwhile.
        reboots: whether the command reboots the machine.
        patience: how long other members may take to serve.
        drain: how long all tasks may take to move.
        grace: how long each task may take to end; None for its framework's value.
        back: how long the machine may take to be back.
        answer: how long an engine may take to answer.
        credential: principal and secret, if the masters require them.
    """

    keep_tasks: bool
    outage: bool
    reboots: bool
    patience: float
    drain: float
    grace: float | None
    back: float
    answer: float
    credential: tuple[str, str] | None
