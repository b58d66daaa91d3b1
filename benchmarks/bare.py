"""Generates a bare cdktf program from another one's output: it emits the same, and loads only the bindings in use.

Also runs programs as cdktf runs them: in a separate interpreter, in a separate directory.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

HEAD = """\
from cdktf import App, DataResource, TerraformOutput, TerraformStack
from cdktf import TerraformVariable, TerraformVariableValidationConfig
from cdktf_mesos.bindings import lazily
{bindings}
app = App()
"""

# Meta-arguments that every resource has; the bindings' structs do not apply to them.
_META = ("depends_on", "lifecycle", "provisioner")


@dataclass(frozen=True)
class Run:
    """The cost of a run.

    Args:
        seconds: wall-clock time.
        mebibytes: the peak memory of Python and jsii's Node together.
    """

    seconds: float
    mebibytes: float


def run(program: Path, directory: Path) -> Run:
    """Run a program in a directory; returns its time and memory. Exits if it fails."""
    directory.mkdir(exist_ok=True)
    start = time.monotonic()
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'constructs'}:{ROOT}"}
    with subprocess.Popen([sys.executable, program], cwd=directory, env=env, stderr=subprocess.PIPE) as process:
        peak, ended = [0.0], threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, peak, ended))
        watch.start()
        _, errors = process.communicate(timeout=600)
        ended.set()
        watch.join()
    if process.returncode:
        sys.exit(errors.decode())
    return Run(time.monotonic() - start, peak[0])


def _watch(parent: int, peak: list[float], ended: threading.Event) -> None:
    while not ended.wait(0.05):
        peak[0] = max(peak[0], _memory(parent))


def _memory(process: int) -> float:
    """The memory of a process and its children, in MiB; 0 once they have ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    resident = re.search(r"VmRSS:\s+(\d+)", status)
    return (int(resident[1]) / 1024 if resident else 0) + sum(_memory(int(child)) for child in children)


def emitted(directory: Path) -> dict[str, dict[str, Any]]:
    """The Terraform configuration of every stack, without cdktf's metadata."""
    stacks = json.loads((directory / "cdktf.out/manifest.json").read_text())["stacks"]
    return {
        name: {
            key: value
            for key, value in _plain(
                json.loads((directory / "cdktf.out" / each["synthesizedStackPath"]).read_text())
            ).items()
            if key in ("provider", "resource", "data", "variable", "output")
        }
        for name, each in stacks.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != "//"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def written_out(stacks: dict[str, dict[str, Any]]) -> str:
    """The source of the bare program that emits these stacks."""
    writer = _Writer()
    lines = [line for name, document in stacks.items() for line in writer.stack(name, document)]
    bindings = []
    for provider, classes in writer.classes.items():
        bindings.append(f"{provider} = lazily({{'__name__': ''}}, {provider!r}, {classes!r})")
        # The bindings' own classes, not our subclasses: these arguments are Terraform expressions, not literal text.
        bindings += [f"{provider}_{name} = {provider}({name!r}).__base__" for name in classes]
    return "\n".join([HEAD.format(bindings="\n".join(bindings)), *lines, "app.synth()", ""])


class _Writer:
    """Writes stacks, and collects the classes of the bindings that they need."""

    def __init__(self) -> None:
        self.classes: dict[str, dict[str, str]] = {"docker": {}, "aws": {}}

    def stack(self, name: str, document: dict[str, Any]) -> list[str]:
        """The statements that make a stack."""
        lines = [f"stack, providers = TerraformStack(app, {name!r}), {{}}"]
        for provider, configured in document.get("provider", {}).items():
            for number, each in enumerate(configured):
                call = self._call(provider, "provider", f"{provider.title()}Provider", f"{provider}-{number}", each)
                alias = f"{provider}.{each['alias']}" if "alias" in each else provider
                lines.append(f"providers[{alias!r}] = {call}")
        for variable, body in document.get("variable", {}).items():
            rules = ", ".join(f"TerraformVariableValidationConfig(**{rule!r})" for rule in body.get("validation", []))
            given = {key: value for key, value in body.items() if key != "validation"}
            validation = f"validation=[{rules}], " if rules else ""
            lines.append(f"TerraformVariable(stack, {variable!r}, {validation}**{given!r})")
        for section in ("data", "resource"):
            for kind, named in document.get(section, {}).items():
                for logical, body in named.items():
                    lines += self._element(section, kind, logical, body)
        return lines + [f"TerraformOutput(stack, {o!r}, **{b!r})" for o, b in document.get("output", {}).items()]

    def _element(self, section: str, kind: str, logical: str, body: dict[str, Any]) -> list[str]:
        """The statements that make a resource or a data source."""
        if kind == "terraform_remote_state":
            return [f"stack.add_override({f'data.{kind}.{logical}'!r}, {body!r})"]
        given = {key: value for key, value in body.items() if key not in (*_META, "provider")}
        if kind == "terraform_data":
            lines = [f"r = DataResource(stack, {logical!r}, **{given!r})"]
        else:
            provider, _, short = kind.partition("_")
            submodule = f"data_aws_{short}" if section == "data" else short
            where = f"providers[{body['provider']!r}]" if "provider" in body else ""
            lines = [f"r = {self._call(provider, submodule, _camel(submodule), logical, given, where)}"]
        lines.append(f"r.override_logical_id({logical!r})")
        return lines + [f"r.add_override({key!r}, {body[key]!r})" for key in _META if key in body]

    def _call(self, provider: str, submodule: str, name: str, id_: str, given: dict[str, Any], where: str = "") -> str:
        """The call that makes a construct of the bindings."""
        self.classes[provider][name] = submodule
        arguments = [f"{key}={self._value(provider, submodule, name, key, value)}" for key, value in given.items()]
        arguments += [f"provider={where}"] if where else []
        return f"{provider}_{name}(stack, {id_!r}, {', '.join(arguments)})"

    def _value(self, provider: str, submodule: str, owner: str, key: str, value: Any) -> str:
        """The source of an argument. Lists of blocks become lists of structs: plain dictionaries come out empty."""
        if not (isinstance(value, list) and value and isinstance(value[0], dict)):
            return repr(value)
        block = owner + _camel(key)
        self.classes[provider][block] = submodule
        return f"[{', '.join(f'{provider}_{block}(**{each!r})' for each in value)}]"


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
