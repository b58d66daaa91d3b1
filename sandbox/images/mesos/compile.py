"""Compiles the programs of a release: our launchers around its library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox import packages
from sandbox.images.mesos.releases import Release
from sandbox.process import run

LAUNCHER = Path(__file__).parent / "launcher"
PROGRAMS = {"mesos-master": "master.cpp", "mesos-agent": "agent.cpp", "mesos-containerizer": "containerizer.cpp"}
STANDARD_LIBRARY = ("_ZSt", "_ZNSt", "_ZNKSt")
"""How the names of the C++ standard library's functions begin; copies of them are the same everywhere."""


def compile_programs(release: Release, library: Path, stubs: Sequence[str], directory: Path) -> None:
    """Writes the programs into `directory`; they find library and stubs in `lib` below it, wherever it is moved.

    Raises:
        RuntimeError: a program would bring its own copy of a function that the library calls.
    """
    # The linker follows the library to what it needs itself.
    packages.ensure("g++", "binutils", "libsvn1", "libapr1", "libsasl2-2", "zlib1g")
    for program, source in PROGRAMS.items():
        target = directory / program
        command = ["g++", "-std=c++17", "-O1", "-fPIC", "-Wall", "-fvisibility=hidden", "-fno-rtti"]
        command += [f"-DMESOS_MINOR={release.minor}", f'-DMESOS_VERSION="{release.version}"']
        command += ["-o", str(target), str(LAUNCHER / source), str(LAUNCHER / "options.cpp")]
        # A DT_RPATH, not RUNPATH, serves the library's own needs too. Lazily bound, functions that are missing
        # matter only when they are called.
        command += ["-Wl,--no-as-needed,-z,lazy,--disable-new-dtags,-rpath,$ORIGIN/lib"]
        command += [f"-L{library.parent}", f"-Wl,-rpath-link,{library.parent}"]
        command += [f"-l:{name}" for name in (library.name, *stubs)]
        run(*command, timeout=300)
        _check(target, library)


def _check(program: Path, library: Path) -> None:
    """A missing function is the linker's to find; one too many would not be noticed before something crashes."""
    both = _defined_symbols(program) & _defined_symbols(library)
    replaced = {name for name in both if name.startswith("_Z") and not name.startswith(STANDARD_LIBRARY)}
    if replaced:
        raise RuntimeError(f"{program.name} would replace these of the library's own: {sorted(replaced)}")


def _defined_symbols(file: Path) -> set[str]:
    lines = run("nm", "-D", "--defined-only", file).splitlines()
    return {line.split()[-1].partition("@")[0] for line in lines}
