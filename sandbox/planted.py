"""Where secrets are found that must be found nowhere: in files, archives, container definitions and logs."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sandbox.hosts import Host


def contents(path: Path) -> Iterator[bytes]:
    """What a file has, and also what each file in it has if it is an archive.

    Plans of Terraform are zip files, backups are tar files.
    """
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            files = (archive.extractfile(member) for member in archive)
            yield from (file.read() for file in files if file)


def in_files(secrets: Mapping[str, str], files: Iterable[Path]) -> set[tuple[str, str]]:
    """The pairs of a secret's name and the file in which it is."""
    return {
        (name, str(path))
        for path in files
        for content in contents(path)
        for name, secret in secrets.items()
        if secret.encode() in content
    }


def in_logs(secrets: Mapping[str, str], hosts: Sequence[Host]) -> set[tuple[str, str]]:
    """The pairs of a secret's name and the container on these hosts that has logged it."""
    found = set()
    for host in hosts:
        with closing(host.docker()) as client:
            for container in client.containers.list(all=True):
                log = container.logs()
                found |= {(name, str(container.name)) for name, secret in secrets.items() if secret.encode() in log}
    return found
