"""Writes and reads an archive: a tar.gz with a manifest and the files that the manifest lists."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from cdktf_mesos.operations.backup.manifest import DATA, LOGS, Manifest, Part, read_manifest
from cdktf_mesos.operations.backup.snapshot import check_snapshot, is_transaction, zxid_of
from cdktf_mesos.operations.backup.transactions import read_transactions

CHUNK = 1 << 20
"""How much of a file is read at a time, in bytes."""

_MANIFEST = "manifest.json"
# A manifest has some kilobytes.
_LARGEST_MANIFEST = 16 << 20


def pack(manifest: Manifest, directory: Path, owners: Mapping[str, tuple[int, int]], target: Path) -> Manifest:
    """Write an archive that only its owner can read, read it back and check it.

    Args:
        manifest: what it is, without its parts.
        directory: the files that become its parts.
        owners: the numbers of user and group of files, by their names; by default root's.
        target: the file to write, which must not exist.

    Returns:
        The manifest with its parts.

    Raises:
        ValueError: what was written cannot be read back.
        OSError: it cannot be written.
    """
    names = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
    parts = {name: _part(directory / name, owners.get(name, (0, 0))) for name in names}
    manifest = dataclasses.replace(manifest, parts=parts)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with gzip.GzipFile("", "wb", fileobj=file) as packed, tarfile.open(fileobj=packed, mode="w:") as archive:
            text = manifest.text()
            _add(archive, _MANIFEST, len(text), io.BytesIO(text))
            for name, part in parts.items():
                with (directory / name).open("rb") as content:
                    _add(archive, name, part.size, content)
        file.flush()
        os.fsync(file.fileno())
    with tempfile.TemporaryDirectory(prefix="cdktf-mesos-", dir=directory.parent) as place:
        if unpack(target, Path(place)) != manifest:
            raise ValueError(f"{target}: what was written is not what can be read")
    return manifest


def unpack(path: Path, directory: Path) -> Manifest:
    """Read an archive, and check everything in it.

    Args:
        path: the archive.
        directory: an empty directory for its files.

    Raises:
        ValueError: it is not an archive, cut off, damaged or of another format.
    """
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r:") as archive:
            manifest = _manifest(archive)
            missing = dict(manifest.parts)
            while (member := archive.next()) is not None:
                part = missing.pop(member.name, None)
                content = archive.extractfile(member) if part else None
                if part is None or content is None:
                    raise ValueError(f"{member.name} is not in its manifest")
                _extract(content, directory / member.name, part)
            # The end has a checksum of the whole.
            while packed.read(CHUNK):
                pass
        if missing:
            raise ValueError(f"it is cut off: {next(iter(missing))} is missing")
        if manifest.raw:
            manifest = _cut(manifest, directory)
        _check_data(manifest, directory)
    except (EOFError, tarfile.TarError, gzip.BadGzipFile, zlib.error):
        raise ValueError(f"{path}: it is not an archive, or is cut off") from None
    except ValueError as problem:
        raise ValueError(f"{path}: {problem}") from None
    return manifest


def _part(path: Path, owner: tuple[int, int]) -> Part:
    return Part(path.stat().st_size, digest(path), owner)


def digest(path: Path) -> str:
    """The SHA-256 digest of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _add(archive: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


def _manifest(archive: tarfile.TarFile) -> Manifest:
    member = archive.next()
    content = archive.extractfile(member) if member and member.name == _MANIFEST else None
    if member is None or content is None or member.size > _LARGEST_MANIFEST:
        raise ValueError("it is not an archive of cdktf-mesos backup: it does not begin with a manifest")
    return read_manifest(content.read())


def _extract(content: IO[bytes], target: Path, part: Part) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while chunk := content.read(CHUNK):
            file.write(chunk)
    if target.stat().st_size != part.size or digest(target) != part.sha256:
        raise ValueError(f"{target.name} differs from its digest in the manifest")


def _cut(manifest: Manifest, directory: Path) -> Manifest:
    """Cut off what the server was writing; returns the manifest of what is left."""
    parts, last = dict(manifest.parts), max(map(zxid_of, _snapshots(manifest)), default=0)
    for name, part in manifest.parts_in(LOGS).items():
        path = directory / LOGS / name
        found = read_transactions(path)
        os.truncate(path, found.length)
        del parts[f"{LOGS}/{name}"]
        # Some releases do not start with a log that has no transaction (ZOOKEEPER-1621).
        if found.count:
            parts[f"{LOGS}/{name}"] = _part(path, part.owner)
        else:
            path.unlink()
        last = max(last, found.last)
    if last < manifest.last and is_transaction(manifest.last):
        raise ValueError(f"its last transaction is 0x{last:x}, not {manifest.zxid} as in its manifest")
    return dataclasses.replace(manifest, parts=parts, zxid=f"0x{last:x}", raw=False)


def _snapshots(manifest: Manifest) -> list[str]:
    return [name for name in manifest.parts_in(DATA) if name.startswith("snapshot.")]


def _check_data(manifest: Manifest, directory: Path) -> None:
    """Read ZooKeeper's files as a server would, up to the last transaction."""
    snapshots = _snapshots(manifest)
    if len(snapshots) != 1:
        raise ValueError(f"it has {len(snapshots)} snapshots instead of one")
    check_snapshot(directory / DATA / snapshots[0])
    last = zxid_of(snapshots[0])
    for name in sorted(manifest.parts_in(LOGS), key=zxid_of):
        found = read_transactions(directory / LOGS / name)
        if found.length != (directory / LOGS / name).stat().st_size:
            raise ValueError(f"{name} is damaged")
        last = max(last, found.last)
    if last != manifest.last and is_transaction(manifest.last):
        raise ValueError(f"its last transaction is 0x{last:x}, not {manifest.zxid} as in its manifest")
