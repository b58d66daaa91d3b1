"""The whole preview: stacks in the order of the roll, warnings, exit code, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cdktf_mesos.operations.preview.changes import Change, read_changes
from cdktf_mesos.operations.preview.plans import Plan
from cdktf_mesos.operations.synthesis import Stack

# The version of the JSON document. It changes when a field is renamed or removed, or gets another meaning.
FORMAT = 1

_DONE = {"replace": "is replaced", "destroy": "is destroyed", "forget": "is no longer managed"}


@dataclass(frozen=True)
class StackPreview:
    """What a deploy would do to a stack, or why that is not known."""

    stack: Stack
    plan: Plan
    resources: Sequence[Change]

    @property
    def changes(self) -> list[Change]:
        """The changes: all resources that do not stay as they are."""
        return [each for each in self.resources if each.action != "none"]

    @property
    def warnings(self) -> list[str]:
        """A warning for each change that ends something, or follows such an end, if no changed pin explains it."""
        return [f"{self.stack.name}: {_warning(each)}" for each in self.changes if each.unexplained]


@dataclass(frozen=True)
class Report:
    """The whole preview.

    Args:
        stacks: in the order of the roll.
        leftovers: the state files of stacks that are no longer in the program.
    """

    stacks: Sequence[StackPreview]
    leftovers: Sequence[str] = field(default=())

    @classmethod
    def of(cls, stacks: Sequence[Stack], plans: Sequence[Plan], leftovers: Sequence[str] = ()) -> Report:
        """Read the plans of all stacks."""
        both = zip(stacks, plans, strict=True)
        return cls([StackPreview(stack, plan, read_changes(stack, plan)) for stack, plan in both], leftovers)

    @property
    def warnings(self) -> list[str]:
        """All warnings, in the order of the roll."""
        left = "is the state of a stack that is no longer in the program: what it made is still there"
        return [text for each in self.stacks for text in each.warnings] + [f"{each} {left}" for each in self.leftovers]

    def exit_code(self, *, detailed: bool) -> int:
        """As of `terraform plan`: 0, or 1 if a stack cannot be planned; with `detailed` 2 if something changes."""
        if any(each.plan.error for each in self.stacks):
            return 1
        return 2 if detailed and any(each.changes for each in self.stacks) else 0

    def as_json(self) -> dict[str, Any]:
        """The preview as a document."""
        return {
            "format": FORMAT,
            "changed": any(each.changes for each in self.stacks),
            "complete": not any(each.plan.error for each in self.stacks),
            "warnings": self.warnings,
            "stacks": [
                {
                    "name": each.stack.name,
                    "step": each.stack.step,
                    "dependencies": list(each.stack.dependencies),
                    "engines": each.stack.engines,
                    "error": each.plan.error,
                    "error_details": each.plan.details or None,
                    "resources": [{**asdict(one), "unexplained": one.unexplained} for one in each.resources],
                }
                for each in self.stacks
            ],
        }


def _warning(change: Change) -> str:
    what = change.name + (f" on {change.host}" if change.host else "")
    if change.cause == "gone":
        return f"{what} is gone (removed by hand, or its engine is another), and a deploy makes it again"
    done = f"{what} {_DONE[change.action]}"
    if change.action != "replace":
        return f"{done}, as it is no longer in the program"
    why = "its last start failed" if change.cause == "failed" else ", ".join(change.attributes) or "unknown"
    pinned = "though its pin stays" if change.kind == "container" else "and no pin explains it"
    return f"{done} {pinned}: {why}"
