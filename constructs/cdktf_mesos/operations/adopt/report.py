"""What is adopted, what is not, and what the next deploy then does, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cdktf_mesos.operations.adopt.compare import Found, Missing

_STYLES = {"adopt": "green", "adopted": "green", "not there": "", "refused": "red", "failed": "red"}
_WHAT = {"adopt": "would be adopted", "adopted": "adopted", "not there": "not there: the next deploy makes it"}
_WELL = ("adopt", "adopted", "in its state", "not there")


@dataclass(frozen=True)
class Report:
    """All containers of the program, and what else matters for the next deploy.

    Args:
        found: the containers, in the order of the roll.
        missing: other resources that the states lack.
        not_named: members on the hosts that the program does not name.
    """

    found: Sequence[Found]
    missing: Sequence[Missing]
    not_named: Sequence[str]

    @property
    def to_adopt(self) -> list[Found]:
        """The containers that the states can have."""
        return [each for each in self.found if each.outcome == "adopt"]

    @property
    def count(self) -> str:
        """The number of these containers, and of their stacks."""
        containers, stacks = len(self.to_adopt), len({each.stack for each in self.to_adopt})
        return f"{_number(containers, 'container')} in {_number(stacks, 'stack')}"

    @property
    def problems(self) -> list[str]:
        """What keeps the next deploy from taking the cluster over."""
        found = [f"{each.name} on {each.host}: {each.reason}" for each in self.found if each.outcome not in _WELL]
        return found + [
            f"{each.address} of {each.stack} is not in the state, and the next deploy makes another: import it first"
            for each in self.missing
            if not each.is_made_again
        ]

    def after(self, failed: Mapping[str, Exception | None]) -> Report:
        """The report after the import.

        Args:
            failed: for each stack whose containers were imported, why that failed; None if it did not.
        """
        return replace(self, found=[_after(each, failed) for each in self.found])

    def table(self) -> RenderableType:
        """The containers that the states did not have, then what else the next deploy does."""
        table = Table("stack", "host", "container", "image", "what", box=None, pad_edge=False)
        last = ("", "")
        for each in self.found:
            if each.outcome != "in its state":
                place = (each.stack, each.host)
                image = f"{each.image}, {each.state}" if each.state not in ("", "running") else each.image
                what = Text(_WHAT.get(each.outcome, each.reason), _STYLES.get(each.outcome, "yellow"))
                table.add_row(*(("", "") if place == last else place), each.name, image, what)
                last = place
        known = sum(each.outcome == "in its state" for each in self.found)
        parts: list[RenderableType] = [table] if table.row_count else []
        parts += [Text(line) for line in ([f"{_number(known, 'container')} in the states already."] if known else [])]
        return Group(*parts, *(Text(line, "yellow") for line in self._further()))

    def as_json(self) -> dict[str, Any]:
        """The report as a document."""
        return {
            "containers": [vars(each) for each in self.found],
            "made_again": [f"{each.stack}: {each.address}" for each in self.missing if each.is_made_again],
            "not_named": list(self.not_named),
            "problems": self.problems,
        }

    def _further(self) -> Iterator[str]:
        for each in self.missing:
            if each.is_made_again:
                yield f"Not adopted: {each.address} of {each.stack}. The next deploy makes it, and runs its program."
            else:
                yield f"Not adopted: {each.address} of {each.stack}. The next deploy makes another: import it first."
        for text in self.not_named:
            yield f"Left alone: {text}. The program does not name it."


def _after(found: Found, failed: Mapping[str, Exception | None]) -> Found:
    if found.outcome != "adopt":
        return found
    why = failed[found.stack]
    return replace(found, outcome="adopted") if why is None else replace(found, outcome="failed", reason=str(why))


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
