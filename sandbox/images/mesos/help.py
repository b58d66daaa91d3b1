"""Prints the `--help` of the Mesos programs of any release on PyPI, without building an image."""

from __future__ import annotations

from pathlib import Path

from sandbox import packages
from sandbox.images.mesos.compile import LAUNCHER
from sandbox.images.mesos.fetch import fetch_library
from sandbox.images.mesos.releases import Release
from sandbox.process import run
from sandbox.stand_ins.shared_libraries import make_missing, make_stubs

# The programs, and their C++ namespaces in Mesos's code.
_NAMESPACES = {"master": "master", "agent": "slave"}


def help_of(release: Release, directory: Path) -> dict[str, str]:
    """The texts of `mesos-master --help` and `mesos-agent --help`, by `master` and `agent`.

    Args:
        release: the release.
        directory: where to write the library and the programs.

    Raises:
        RuntimeError: a program could not be built, or ended with an error.
    """
    packages.ensure("g++", "binutils", "libsvn1", "libapr1", "libsasl2-2", "zlib1g")
    library = directory / "libmesos.so"
    fetch_library(release, library)
    # 1.6.1 was built on another system than the others, against other versions of libraries.
    stubs = make_missing(library) if release.version == "1.6.1" else make_stubs(library)
    texts = {}
    for program, namespace in _NAMESPACES.items():
        target = directory / program
        command = ["g++", "-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", "-fno-rtti", f"-DPROGRAM={namespace}"]
        # Any minor release that the launcher's headers support: help.cpp calls only functions that all releases have.
        command += ["-DMESOS_MINOR=7", "-o", str(target), str(LAUNCHER / "help.cpp")]
        command += ["-Wl,--no-as-needed,-z,lazy,--disable-new-dtags,-rpath,$ORIGIN"]
        command += [f"-L{directory}", f"-Wl,-rpath-link,{directory}"]
        command += [f"-l:{name}" for name in (library.name, *stubs)]
        run(*command, timeout=300)
        texts[program] = run(target)
    return texts
