"""Programs built from Go modules, for machines that reach the module proxy but no download of the program."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox import cache
from sandbox.process import run

_FLOOR = (1, 25, 8)


@dataclass(frozen=True)
class Program:
    """A main package of a module.

    Args:
        package: the package's import path.
        source: where the module proxy has the module, when that is not its own name.
        version: the module's version.
        variables: string variables of Go that the linker sets.
        module: the module's own name, when the package is in a folder of it.
        replaced: further modules that its own go.mod replaces, as go.mod has them: `a v1 => b v2`. Go heeds only those
            of the module that is built.
    """

    package: str
    source: str
    version: str
    variables: tuple[str, ...] = ()
    module: str | None = None
    replaced: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A digest of all that it is built from."""
        return cache.digest(self._module(), *self.variables)

    def build(self, target: Path) -> None:
        """Builds the program; takes minutes, and leaves nothing else behind.

        Raises:
            RuntimeError: there is no Go that is new enough, or the build failed.
        """
        _require_go()
        with tempfile.TemporaryDirectory(prefix=".go.", dir=target.parent) as folder:
            # Go refuses to have its own module cache inside a module.
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
            build = ("go", "build", "-trimpath", "-ldflags", linker, "-o", target, self.package)
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
    """The platform of what is built, as Terraform names it: linux_amd64."""
    _require_go()
    return "_".join(run("go", "env", "GOOS", "GOARCH").split())


def _require_go() -> None:
    wanted = ".".join(map(str, _FLOOR))
    if not shutil.which("go"):
        raise RuntimeError(
            f"this needs Go {wanted} or newer, to build what cannot be downloaded: there is none on PATH"
        )
    found = run("go", "env", "GOVERSION").strip()
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", found)
    if not numbers or tuple(int(part or 0) for part in numbers.groups()) < _FLOOR:
        raise RuntimeError(f"this needs Go {wanted} or newer, to build what cannot be downloaded: PATH has {found}")
