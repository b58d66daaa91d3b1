"""What the program synthesises: its stacks, their order, and what is on which host."""

from __future__ import annotations

import heapq
import json
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf_mesos.container.names import LABEL
from cdktf_mesos.operations.process import Processes

# The command line of CDKTF, and of its successor CDK Terrain.
_CLI = ("cdktf", "cdktn")


@dataclass(frozen=True)
class Stack:
    """A synthesised stack.

    Args:
        name: as `cdktf list` shows it.
        step: the number of its step in the roll, from 1. Stacks of the same step may be deployed at the same time.
        directory: where the commands run Terraform.
        dependencies: the stacks that are deployed before it.
        document: its Terraform, as JSON.
        deployed: where a deploy runs Terraform; None if that is `directory`.
    """

    name: str
    step: int
    directory: Path
    dependencies: Sequence[str]
    document: Mapping[str, Any]
    deployed: Path | None = None

    @property
    def variables(self) -> set[str]:
        """The Terraform variables that it declares."""
        return set(self.document.get("variable", {}))

    @property
    def providers(self) -> dict[str, Mapping[str, Any]]:
        """The arguments of the Docker provider of each host."""
        found = self.document.get("provider", {}).get("docker", [])
        return {_host(each.get("alias", ""), each.get("host", "")): each for each in found}

    @property
    def engines(self) -> dict[str, str]:
        """The engine of each host."""
        return {host: each.get("host", "") for host, each in self.providers.items()}

    def host(self, address: str) -> str:
        """The name of the host that a resource is on; empty if it is on no host, or the host is not known."""
        kind, _, name = address.partition(".")
        block = self.resources(kind).get(name, {})
        alias = str(block.get("provider", "")).removeprefix("docker").removeprefix(".")
        for host, each in self.providers.items():
            if block and each.get("alias", "") == alias:
                return host
        # A resource that is no longer in the program was on the stack's host, if the stack has only one.
        return next(iter(self.engines)) if kind.startswith("docker_") and len(self.engines) == 1 else ""

    def resources(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The arguments of the resources of a type, by their names."""
        found: Mapping[str, Mapping[str, Any]] = self.document.get("resource", {}).get(kind, {})
        return found

    def containers(self) -> list[str]:
        """The names of the members' containers, without those that only check something."""
        return [
            block["name"]
            for block in self.resources("docker_container").values()
            if f"{LABEL}of" not in [each["label"] for each in block.get("labels", [])]
        ]


def synthesise(processes: Processes, directory: Path) -> None:
    """Synthesise for the commands: with `cdktf`, or if it is not there, with the command in `cdktf.json`.

    The output goes to a directory next to that of a deploy. A running deploy reads each stack only when its turn comes.
    So with one directory for both, it would deploy what was only meant to be shown.

    Raises:
        RuntimeError: it fails.
    """
    settings = _settings(directory)
    out = _own(settings)
    cdktf = _cdktf(directory)
    words = [cdktf, "synth", "--output", out] if cdktf else shlex.split(settings["app"])
    try:
        code, out, error = processes.run(words, directory, {} if cdktf else {"CDKTF_OUTDIR": out})
    except (OSError, TimeoutError) as problem:
        raise RuntimeError(f"{shlex.join(words)}: {problem}") from None
    if code:
        raise RuntimeError(f"exit code {code}: {shlex.join(words)}\n{(out + error).strip()[-4000:]}")


def _cdktf(directory: Path) -> str | None:
    """The path of the CDK's command: from PATH, or where npm installs it, in the directory or in one above."""
    places = [folder / "node_modules/.bin" for folder in (directory, *directory.parents)]
    for path in (None, *places):
        for name in _CLI:
            if found := shutil.which(name, path=path):
                return found
    return None


def read_stacks(directory: Path, *, own: bool) -> list[Stack]:
    """The stacks that were synthesised last, in the order of a roll: a stack comes after those that it depends on.

    Args:
        directory: where cdktf.json is.
        own: whether to read what was synthesised for the commands, instead of for a deploy.

    Raises:
        RuntimeError: nothing was synthesised.
    """
    settings = _settings(directory)
    deployed = directory / _out(settings)
    out = directory / _own(settings) if own else deployed
    try:
        stacks = json.loads((out / "manifest.json").read_text())["stacks"]
    except FileNotFoundError:
        raise RuntimeError(f"{out}: nothing was synthesised") from None
    steps = roll({name: stack["dependencies"] for name, stack in stacks.items()})
    return [
        Stack(
            name,
            step,
            out / stacks[name]["workingDirectory"],
            stacks[name]["dependencies"],
            json.loads((out / stacks[name]["synthesizedStackPath"]).read_text()),
            deployed / stacks[name]["workingDirectory"] if own else None,
        )
        for name, step in steps.items()
    ]


def roll(dependencies: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The names of the stacks in the order of a roll, each with its step."""
    steps: dict[str, int] = {}
    waiting = {name: set(before) & set(dependencies) for name, before in dependencies.items()}
    ready = sorted(name for name, before in waiting.items() if not before)
    while ready:
        name = heapq.heappop(ready)
        steps[name] = 1 + max((steps[before] for before in waiting[name]), default=0)
        for other, before in waiting.items():
            if name in before and before <= set(steps):
                heapq.heappush(ready, other)
    return steps


def _host(alias: str, engine: str) -> str:
    """The name of a host: that of its construct, or its address if the construct is called `host`."""
    if alias not in ("", "host"):
        return alias
    return engine.partition("://")[2].rpartition("@")[2] if "://" in engine and engine[:4] != "unix" else "localhost"


def _settings(directory: Path) -> dict[str, str]:
    try:
        settings: dict[str, str] = json.loads((directory / "cdktf.json").read_text())
    except FileNotFoundError:
        raise RuntimeError(f"{directory}: no cdktf.json: run where cdktf is run") from None
    return settings


def _out(settings: Mapping[str, str]) -> str:
    return settings.get("output", "cdktf.out")


def _own(settings: Mapping[str, str]) -> str:
    """The output directory of the commands. It is kept, so that the next preview is quick.

    It is next to that of a deploy, so that it can have hard links to files there.
    """
    return f"{_out(settings).rstrip('/')}.preview"
