"""Installs missing Debian packages on this machine, without starting their services."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox.process import run

# pigz: with it, engines unpack images in three quarters of the time.
HOSTS = (
    *("docker.io", "docker-registry", "openssh-server", "openssh-client"),
    *("iproute2", "procps", "e2fsprogs", "pigz"),
)

VIRTUAL = ("qemu-system-x86", "qemu-utils", "mmdebstrap", "e2fsprogs", "fdisk")

_RELEASE = Path("/etc/debian_version")
_POLICY = Path("/usr/sbin/policy-rc.d")
_one_at_a_time = threading.Lock()


def ensure(*packages: str) -> None:
    """Installs missing packages. Updates the package lists only if the installation fails at first."""
    with _one_at_a_time:
        missing = [package for package in packages if not _installed(package)]
        if missing:
            print(f"    installing Debian packages: {' '.join(missing)}", file=sys.stderr, flush=True)
            with _no_services():
                _apt_with_lists("install", "-y", "--no-install-recommends", *missing)


def of_docker_command() -> str:
    """The package with the command `docker`: from Debian 13 on it is not in `docker.io`, where the engine is."""
    return "docker.io" if _RELEASE.read_text().startswith("12.") else "docker-cli"


def unpack(package: str, folder: Path) -> None:
    """Fetches a package and unpacks its files into a folder, without installing it."""
    with tempfile.TemporaryDirectory() as scratch:
        _apt_with_lists("download", package, cwd=Path(scratch))
        (archive,) = Path(scratch).glob(f"{package}_*.deb")
        run("dpkg-deb", "-x", archive, folder)


def fetch_files(package: str, files: Mapping[str, Path]) -> None:
    """Writes single files of a Debian package.

    Args:
        package: the package's name.
        files: the path in the package of each file, and the path to write it to.
    """
    with tempfile.TemporaryDirectory() as scratch:
        unpack(package, Path(scratch))
        for source, target in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(scratch, source), target)


def _apt_with_lists(*words: str, cwd: Path | None = None) -> None:
    try:
        _apt(*words, cwd=cwd)
    except RuntimeError:
        _apt("update")
        _apt(*words, cwd=cwd)


def _apt(*words: str, cwd: Path | None = None) -> None:
    run(
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=300",  # another installation may be running
        "-o",
        "APT::Sandbox::User=root",  # without it, apt warns about a download into a folder of root
        *words,
        timeout=900,
        cwd=cwd,
        env={"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
    )


def _installed(package: str) -> bool:
    return run("dpkg-query", "-W", "-f", "${Status}", package, check=False).endswith("ok installed")


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    """Keeps package scripts from starting services, which would conflict with the hosts' services.

    A policy that exists already stays as it is.
    """
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
