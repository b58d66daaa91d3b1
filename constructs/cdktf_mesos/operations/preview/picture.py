"""What a picture of the cluster and of the roll shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_mesos.operations.preview.changes import Action, Change
from cdktf_mesos.operations.preview.images import pins, version
from cdktf_mesos.operations.preview.report import Report, StackPreview

Look = Literal["same", "create", "update", "replace", "destroy", "unknown"]

_LOOKS: dict[Action, Look] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "destroy": "destroy",
    "forget": "destroy",
}


@dataclass(frozen=True)
class Item:
    """A container, or another resource that changes.

    Args:
        name: the container's.
        text: its version, or the old and the new one.
        look: what happens to it.
        warned: whether no pin explains it.
    """

    name: str
    text: str
    look: Look
    warned: bool = False


@dataclass(frozen=True)
class Wave:
    """What changes at one time, on one machine.

    Args:
        name: the name of its stacks, without `-host`, `-machine` and `-members`.
        step: the number of its step in the roll, from 1. Waves of the same step have no order.
        hosts: the names of its hosts.
        items: what is on them.
        after: the names of the waves that come before this one.
        errors: why it cannot be planned.
    """

    name: str
    step: int
    hosts: Sequence[str]
    items: Sequence[Item]
    after: Sequence[str]
    errors: Sequence[str]


def waves(report: Report) -> list[Wave]:
    """The waves in the order of the roll."""
    groups: dict[str, list[StackPreview]] = {}
    for each in report.stacks:
        groups.setdefault(wave_of(each.stack.name), []).append(each)
    steps = sorted({min(each.stack.step for each in group) for group in groups.values()})
    return [
        Wave(
            name,
            steps.index(min(each.stack.step for each in group)) + 1,
            list(dict.fromkeys(host for each in group for host in each.stack.engines)),
            [item for each in group for item in _items(each)],
            sorted({wave_of(before) for each in group for before in each.stack.dependencies} - {name}),
            list(dict.fromkeys(each.plan.error for each in group if each.plan.error)),
        )
        for name, group in groups.items()
    ]


def wave_of(stack: str) -> str:
    """The wave that a stack belongs to."""
    return stack.removesuffix("-host").removesuffix("-machine").removesuffix("-members")


def _items(preview: StackPreview) -> list[Item]:
    if preview.plan.error:
        return [Item(name, "?", "unknown") for name in sorted(preview.stack.containers())]
    return [
        Item(each.name, _text(each), _LOOKS.get(each.action, "same"), each.unexplained)
        for each in preview.resources
        if each.kind == "container" or (each.kind in ("app", "other") and each.action != "none")
    ]


def _text(change: Change) -> str:
    if change.repinned:
        return pins(str(change.before), str(change.after))
    return version(str(change.after or change.before)) if change.kind == "container" else change.action
