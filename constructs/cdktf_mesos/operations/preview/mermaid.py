"""The preview as a mermaid diagram, which GitHub and GitLab draw from a block of code."""

from __future__ import annotations

from cdktf_mesos.operations.preview.picture import Wave, waves
from cdktf_mesos.operations.preview.report import Report

_CLASSES = (
    "classDef same fill:#f6f8fa,stroke:#d0d7de,color:#57606a",
    "classDef create fill:#dafbe1,stroke:#1a7f37,color:#1a7f37",
    "classDef update fill:#ddf4ff,stroke:#0969da,color:#0969da",
    "classDef replace fill:#fff8c5,stroke:#9a6700,color:#633c01",
    "classDef destroy fill:#ffebe9,stroke:#cf222e,color:#82071e",
    "classDef unknown fill:#ffffff,stroke:#cf222e,color:#82071e,stroke-dasharray:4",
)
_NOTES = {"same": "", "create": "new", "update": "in place", "replace": "replaced", "destroy": "destroyed"}


def mermaid(report: Report) -> str:
    """A flowchart: a box for each wave, an arrow to what comes after it."""
    all_waves = waves(report)
    number = {wave.name: f"w{index}" for index, wave in enumerate(all_waves)}
    lines = ["flowchart TB", *_CLASSES]
    for wave in all_waves:
        lines += _wave(wave, number[wave.name])
    lines += [f"{number[before]} --> {number[wave.name]}" for wave in all_waves for before in wave.after]
    return "\n".join(lines)


def _wave(wave: Wave, key: str) -> list[str]:
    where = f" ({', '.join(wave.hosts)})" if wave.hosts else ""
    lines = [f'subgraph {key}["{_text(f"{wave.step}: {wave.name}{where}")}"]', "direction LR"]
    for index, item in enumerate(wave.items):
        notes = ", ".join(filter(None, (_NOTES.get(item.look, ""), "no pin explains it" if item.warned else "")))
        label = "<br/>".join(_text(part) for part in (item.name, item.text, notes) if part)
        lines.append(f'{key}i{index}["{label}"]:::{item.look}')
    lines += [f'{key}e{i}["{_text(f"cannot be planned: {e}")}"]:::unknown' for i, e in enumerate(wave.errors)]
    if not wave.items and not wave.errors:
        lines.append(f'{key}n["nothing"]:::same')
    return [*lines, "end"]


def _text(text: str) -> str:
    """Text for use inside quotes. Characters that mean something in mermaid become entities."""
    return "".join(each if each not in '#"<>&`' else f"#{ord(each)};" for each in text)
