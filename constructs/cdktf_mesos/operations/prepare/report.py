"""What the script said on all machines, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from cdktf_mesos.operations.prepare.machines import Machine, Report

Answers = Mapping[Machine, Report | Exception]


def table(answers: Answers) -> Table:
    """A row for each change, and for what is left; with how to undo the changes that were made."""
    changed = any(isinstance(answer, Report) and answer.did for answer in answers.values())
    columns = ("machine", "what was changed", "how to undo it") if changed else ("machine", "what would be changed")
    found = Table(*columns, box=None, pad_edge=False)
    for machine, answer in answers.items():
        name = str(machine)
        for cells in _rows(answer):
            found.add_row(Text(name, "bold"), *cells[: len(columns) - 1])
            name = ""
    return found


def document(machine: Machine, answer: Report | Exception) -> dict[str, Any]:
    """A machine's part of the JSON document."""
    if isinstance(answer, Exception):
        return {"machine": str(machine), "error": str(answer)}
    did = [{"change": change, "undo": undo} for change, undo in answer.did]
    return {"machine": str(machine), "would": answer.would, "did": did, "left": answer.left}


def _rows(answer: Report | Exception) -> Iterator[tuple[Text, Text]]:
    if isinstance(answer, Exception):
        yield Text(str(answer), "red"), Text()
        return
    for change, undo in answer.did or [(each, "") for each in answer.would]:
        yield Text(change), Text(undo)
    if not answer.did and not answer.would:
        yield Text("nothing to change", "green"), Text()
    for each in answer.left:
        yield Text(f"left: {each}", "yellow"), Text()
