"""The preview as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cdktf_mesos.container.names import BACKED_UP, GATE, LABEL, MACHINE_CHECK, OLD_IMAGES
from cdktf_mesos.operations.preview.changes import Change
from cdktf_mesos.operations.preview.images import pins, version
from cdktf_mesos.operations.preview.report import Report, StackPreview

_HOW = {"update": "in place", "none": "", "forget": "forgotten, not destroyed"}
_STYLES = {"replace": "yellow", "in place": "blue", "create": "green", "destroy": "red"}
_CAUSES = {"gone": "is gone", "stopped": "is stopped", "failed": "its last start failed"}
_UNPLANNED = "cannot be planned"
# The container that removes images of past versions when all members serve.
_CLEARED = f"docker_container.{OLD_IMAGES}"
# The container that makes a backup before a roll.
_BACKED_UP = f"docker_container.{BACKED_UP}"
# This label changes with the image, so it is not shown in addition.
_ENTAILED = f"labels ({LABEL}version)"


def table(report: Report) -> RenderableType:
    """All changes in the order of the roll, then the stacks without changes, then the warnings."""
    pulled: set[tuple[str, str]] = set()
    rows = [row for each in report.stacks for row in _rows(each, pulled)]
    same = [each.stack.name for each in report.stacks if not each.changes and not each.plan.error]
    parts: list[RenderableType] = [_table(rows), ""] if rows else []
    if same:
        parts += [Text(f"No changes in {_count(len(same), 'stack')}: {', '.join(same)}", "dim"), ""]
    if report.warnings:
        parts += [*(Text(f"Warning: {text}", "yellow") for text in report.warnings), ""]
    return Group(*parts, Text(_summary(report), "bold"))


def _rows(preview: StackPreview, pulled: set[tuple[str, str]]) -> Iterable[tuple[str, ...]]:
    name, host = preview.stack.name, ", ".join(preview.stack.engines)
    if preview.plan.error:
        yield (name, host, "", f"{_UNPLANNED}: {preview.plan.error}", "")
        return
    if images := sorted(_pulls(preview) - pulled):
        yield (name, host, "", f"pulls {', '.join(image for _, image in images)}", "")
        pulled.update(images)
    asking = [each for each in preview.changes if each.kind == "preflight"]
    # A gate runs afterwards, when its member is new.
    gates = [each.name for each in asking if each.name.endswith(GATE)]
    cleared = [each for each in asking if each.address.startswith(_CLEARED)]
    backups = [each for each in asking if each.address.startswith(_BACKED_UP)]
    if preflights := [each for each in asking if each.name not in gates and each not in [*cleared, *backups]]:
        yield (name, host, "preflight", f"asks first: {', '.join(map(_asked, preflights))}", "")
    if any(each.action in ("create", "replace") for each in backups):
        yield (name, host, "", "makes a backup first", "")
    if gates and not any(each.kind == "container" for each in preview.changes):
        yield (name, host, "", f"asks whether it serves: {', '.join(gates)}", "")
    for each in preview.changes:
        if each.kind in ("container", "app", "other") or (each.kind == "image" and each.action == "destroy"):
            yield (name, each.host, each.name, what(each), _HOW.get(each.action, each.action))
    if any(each.action in ("create", "replace") for each in cleared):
        yield (name, host, "", "then removes images of past versions", "")
    if outputs := [each.name for each in preview.changes if each.kind == "output"]:
        yield (name, "", "", f"outputs: {', '.join(outputs)}", "")


def _pulls(preview: StackPreview) -> set[tuple[str, str]]:
    """The images that are pulled and that no container's row shows, each with its host."""
    shown = {each.after for each in preview.changes if each.kind == "container"}
    images = [each for each in preview.changes if each.kind == "image" and each.action in ("create", "replace")]
    return {(each.host, str(each.after)) for each in images if each.after not in shown}


def what(change: Change) -> str:
    """What changes of a resource, in one line."""
    parts = [pins(str(change.before), str(change.after))] if change.repinned and change.kind == "container" else []
    if not parts and change.kind == "container" and (change.after or change.before):
        parts = [version(str(change.after or change.before))]
    if change.cause:
        parts.append(_CAUSES[change.cause])
    entailed = {_ENTAILED} if change.repinned else {"must_run"} if change.cause == "stopped" else set()
    parts += [each for each in change.attributes if each not in entailed]
    return ", ".join(parts)


def _asked(preflight: Change) -> str:
    name = preflight.address.partition(".")[2]
    if name.startswith(MACHINE_CHECK):
        return "the machine"
    return name.removeprefix("every_other_").removesuffix("_is_healthy")


def _summary(report: Report) -> str:
    counted = Counter[str](
        each.action for one in report.stacks for each in one.changes if each.kind in ("container", "app", "other")
    )
    words = {"replace": "to replace", "update": "to change in place", "create": "to create", "destroy": "to destroy"}
    text = ", ".join(f"{counted[action]} {word}" for action, word in words.items())
    unknown = sum(1 for each in report.stacks if each.plan.error)
    return f"Plan: {text}." + (f" {_count(unknown, 'stack')} cannot be planned." if unknown else "")


def _table(rows: Sequence[tuple[str, ...]]) -> Table:
    """The rows in columns; a wave and a host are shown once."""
    # A row without `how` may also use the room of that column.
    wide = max((len(row[3]) for row in rows if row[4]), default=0)
    table = Table("wave", "host", "container", f"{'what changes'.ljust(wide)}  how".rstrip(), box=None, pad_edge=False)
    last: tuple[str, ...] = ("", "")
    for row in rows:
        name, host, container, what, how = row
        style = "red" if what.startswith(_UNPLANNED) else _STYLES.get(how, "")
        cells = ("" if name == last[0] else name, "" if row[:2] == last[:2] else host, container)
        table.add_row(*map(Text, cells), Text(f"{what.ljust(wide)}  {how}".rstrip(), style))
        last = row
    return table


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
