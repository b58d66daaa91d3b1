"""Builds programs from Go modules, on machines that reach the Go module proxy but cannot download the programs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox import cache
from sandbox.process import run

_FLOOR = (1, 25, 8)

# Go's names of architectures, where they differ from the kernel's.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Program:
    """A Go program: a main package of a module.

    Args:
        package: the package's import path.
        source: the path under which the module proxy has the module; it may differ from the module's own name.
        version: the module's version.
        variables: string variables that the linker sets, as `name=value`.
        module: the module's own name, if the package is in a subfolder of the module; by default the package.
        replaced: `replace` lines of the module's own go.mod, such as `a v1 => b v2`. They must be repeated here,
            because Go applies only those of the main module.
        tags: build tags.
    """

    package: str
    source: str
    version: str
    variables: tuple[str, ...] = ()
    module: str | None = None
    replaced: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A digest of everything that the program is built from."""
        return cache.digest(self._module(), *self.variables, *self.tags)

    def build(self, target: Path) -> None:
        """Builds the program and writes it to `target`. Takes minutes, and leaves nothing else behind.

        Raises:
            RuntimeError: Go is missing or too old, or the build failed.
        """
        _require_go()
        with tempfile.TemporaryDirectory(prefix=".go.", dir=target.parent) as folder:
            # Go refuses a module cache inside the module, so the module gets its own subfolder.
            module = Path(folder) / "module"
            module.mkdir()
            (module / "go.mod").write_text(self._module())
            environment = {
                "GOPATH": f"{folder}/path",
                "GOCACHE": f"{folder}/cache",
                "GOFLAGS": "-modcacherw",
                "CGO_ENABLED": "0",
            }
            linker = " ".join(["-s", "-w", *(f"-X {variable}" for variable in self.variables)])
            run("go", "mod", "tidy", timeout=600, cwd=module, env=environment)
            options = ("-trimpath", "-tags", ",".join(self.tags), "-ldflags", linker)
            build = ("go", "build", *options, "-o", target, self.package)
            run(*build, timeout=1800, cwd=module, env=environment)

    def _module(self) -> str:
        module = self.module or self.package
        elsewhere = self.source != module
        lines = [
            "module sandbox/build",
            f"go {'.'.join(map(str, _FLOOR))}",
            f"tool {self.package}",
            f"require {module} {'v0.0.0' if elsewhere else self.version}",
            *(f"replace {each}" for each in self.replaced),
        ]
        if elsewhere:
            lines.append(f"replace {module} => {self.source} {self.version}")
        return "\n".join(lines) + "\n"


def platform() -> str:
    """This machine's platform, for which programs are built, as Terraform names it, such as linux_amd64."""
    machine = os.uname().machine
    return f"{sys.platform}_{_ARCHITECTURES.get(machine, machine)}"


def _require_go() -> None:
    wanted = ".".join(map(str, _FLOOR))
    if not shutil.which("go"):
        raise RuntimeError(
            f"this needs Go {wanted} or newer, to build programs that cannot be downloaded: there is no go on PATH"
        )
    found = run("go", "env", "GOVERSION").strip()
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", found)
    if not numbers or tuple(int(part or 0) for part in numbers.groups()) < _FLOOR:
        raise RuntimeError(
            f"this needs Go {wanted} or newer, to build programs that cannot be downloaded: PATH has {found}"
        )
