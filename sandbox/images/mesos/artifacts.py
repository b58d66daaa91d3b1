"""Builds the parts of the images: a release's programs, and files of Debian packages."""

from __future__ import annotations

import functools
from pathlib import Path

from sandbox import packages
from sandbox.artifact import Artifact
from sandbox.images.mesos.compile import compile_programs
from sandbox.images.mesos.descriptors import extract_descriptors
from sandbox.images.mesos.fetch import fetch_library
from sandbox.images.mesos.openssl import add_openssl, has_tls
from sandbox.images.mesos.releases import Release
from sandbox.stand_ins import shared_libraries

_HERE = Path(__file__).parent
_LAUNCHER_DIR = Path("usr/libexec/mesos")
"""Mesos's default for the agent's `launcher_dir`, where it looks for the executor."""

_LINKS = {"mesos-master": "mesos-master", "mesos-agent": "mesos-agent", "mesos-slave": "mesos-agent"}
"""Names on PATH, and the programs that they link to; mesos-slave is the agent's older name."""

# The docker CLI, which agent and executors call: of the engines' release, which needs no library but libc.
_DOCKER = "usr/bin/docker"
# The SASL module for CRAM-MD5, with which masters authenticate agents and frameworks.
_SASL = "usr/lib/x86_64-linux-gnu/sasl2/libcrammd5.so"


def release_artifact(release: Release) -> Artifact:
    """The programs of a release with its library and other dependencies, at their paths in the image."""
    sources = (
        *sorted(_HERE.glob("launcher/*")),
        *(_HERE / f"{name}.py" for name in ("fetch", "compile", "descriptors", "openssl")),
        Path(shared_libraries.__file__),
    )
    return Artifact(
        name=f"mesos-{release.version}",
        inputs=(release.version, release.sha256, Path(__file__), *sources),
        build=functools.partial(_build_release, release),
    )


def _build_release(release: Release, directory: Path) -> None:
    programs = directory / _LAUNCHER_DIR
    library = programs / "lib" / "libmesos.so"
    library.parent.mkdir(parents=True)
    fetch_library(release, library)
    stubs = shared_libraries.make_stubs(library)
    compile_programs(release, library, stubs, programs)
    if has_tls(release):
        # Only now: the linker wants the versions of the functions, which the stand-ins have.
        add_openssl(library.parent)
    (programs / "mesos.desc").write_bytes(extract_descriptors(library.read_bytes()))
    path = directory / "usr/bin"
    path.mkdir(parents=True)
    for name, program in _LINKS.items():
        (path / name).symlink_to(f"/{_LAUNCHER_DIR}/{program}")


def _build_debian(directory: Path) -> None:
    for package, file in ((packages.of_docker_command(), _DOCKER), ("libsasl2-modules", _SASL)):
        packages.fetch_files(package, {file: directory / file})


DEBIAN = Artifact("debian", (Path(__file__),), _build_debian)
