"""Compiles the programs of a release: our launchers (`main()`), linked with the release's library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox import packages
from sandbox.images.mesos.releases import Release
from sandbox.process import run

LAUNCHER = Path(__file__).parent / "launcher"
PROGRAMS = {"mesos-master": "master.cpp", "mesos-agent": "agent.cpp", "mesos-containerizer": "containerizer.cpp"}
STANDARD_LIBRARY = ("_ZSt", "_ZNSt", "_ZNKSt")
"""Prefixes of the mangled names of the C++ standard library, whose functions may be duplicated without harm."""


def compile_programs(release: Release, library: Path, stubs: Sequence[str], directory: Path) -> None:
    """Writes the programs to `directory`. They look for the library and the stubs in its subfolder `lib`.

    Raises:
        RuntimeError: a program has its own copy of a function of the library, which the library would call then.
    """
    # The linker resolves the library's own dependencies, too, so they must be installed.
    packages.ensure("g++", "binutils", "libsvn1", "libapr1", "libsasl2-2", "zlib1g")
    for program, source in PROGRAMS.items():
        target = directory / program
        command = ["g++", "-std=c++17", "-O1", "-fPIC", "-Wall", "-fvisibility=hidden", "-fno-rtti"]
        command += [f"-DMESOS_MINOR={release.minor}", f'-DMESOS_VERSION="{release.version}"']
        command += ["-o", str(target), str(LAUNCHER / source), str(LAUNCHER / "options.cpp")]
        # DT_RPATH, unlike RUNPATH, also applies to the library's own dependencies. With lazy binding, missing functions
        # matter only when they are called.
        command += ["-Wl,--no-as-needed,-z,lazy,--disable-new-dtags,-rpath,$ORIGIN/lib"]
        command += [f"-L{library.parent}", f"-Wl,-rpath-link,{library.parent}"]
        command += [f"-l:{name}" for name in (library.name, *stubs)]
        run(*command, timeout=300)
        _check(target, library)


def _check(program: Path, library: Path) -> None:
    """Checks for functions that the program has and must not have. The linker finds only those that are missing."""
    both = _defined_symbols(program) & _defined_symbols(library)
    replaced = {name for name in both if name.startswith("_Z") and not name.startswith(STANDARD_LIBRARY)}
    if replaced:
        raise RuntimeError(f"{program.name} would replace these functions of the library: {sorted(replaced)}")


def _defined_symbols(file: Path) -> set[str]:
    lines = run("nm", "-D", "--defined-only", file).splitlines()
    return {line.split()[-1].partition("@")[0] for line in lines}
