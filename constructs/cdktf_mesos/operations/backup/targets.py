"""Where an archive goes: a file of this machine, a machine that ssh reaches, or a bucket of S3."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from cdktf_mesos.host.ssh_options import SSH_OPTIONS
from cdktf_mesos.operations.backup.archive import CHUNK, digest

_SSH = re.compile(r"(?P<host>(?:[^@/:\s-][^@/:\s]*@)?[^@/:\s-][^@/:\s]*):(?P<path>/.*)")
_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]+)/?(?P<key>.*)")

Send = Callable[[Path], None]
"""Sends an archive to a target, and checks what arrived."""


def target(text: str, name: str, ssh_options: Sequence[str], seconds: float) -> tuple[str, Send]:
    """What a target is: its full name, and the function that sends an archive there.

    The function raises RuntimeError or OSError if the archive did not arrive. Under the full name there is nothing, or
    a whole archive.

    Args:
        text: `s3://bucket/key`, `user@host:/path`, or a path of this machine. One that ends in `/`, or that is a
            directory of this machine, gets the archive's own name.
        name: the archive's own name.
        ssh_options: further words for ssh.
        seconds: how long ssh may take.

    Raises:
        ValueError: the target cannot be used.
    """
    if found := _S3.fullmatch(text):
        if find_spec("boto3") is None:
            raise ValueError(f"{text} needs boto3: pip install 'cdktf-mesos[s3]'")
        key = found["key"] if found["key"] and not found["key"].endswith("/") else found["key"] + name
        return f"s3://{found['bucket']}/{key}", lambda archive: _to_s3(archive, found["bucket"], key)
    if text.startswith("s3:"):
        raise ValueError(f"{text} is not s3://bucket/key")
    if found := _SSH.fullmatch(text):
        path = found["path"] if not found["path"].endswith("/") else found["path"] + name
        words = ["ssh", *ssh_options, *SSH_OPTIONS, "-T", "--", found["host"]]
        return f"{found['host']}:{path}", lambda archive: _to_machine(archive, words, path, seconds)
    file = Path(text) / name if text.endswith("/") or Path(text).is_dir() else Path(text)
    if not os.access(file.parent, os.W_OK):
        raise ValueError(
            f"{file} cannot be written: {'it is read-only' if file.parent.exists() else 'no such directory'}"
        )
    return str(file), lambda archive: _to_file(archive, file)


def _to_file(archive: Path, file: Path) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with (
            archive.open("rb") as source,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
        ):
            while chunk := source.read(CHUNK):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        if digest(part) != digest(archive):
            raise OSError(f"{file}: what was written differs")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _to_machine(archive: Path, words: Sequence[str], path: str, seconds: float) -> None:
    part = shlex.quote(f"{path}.{os.getpid()}.part")
    try:
        known = f"test ! -d {shlex.quote(path)} || {{ echo 'it is a directory: end it with /' >&2; exit 1; }}"
        _ssh(words, known, None, seconds)
        arrived = _ssh(words, f"umask 077 && cat > {part} && sync && sha256sum < {part}", archive, seconds)
        if arrived.split()[:1] != [digest(archive)]:
            raise RuntimeError("what arrived differs from what was sent")
        _ssh(words, f"mv -- {part} {shlex.quote(path)}", None, seconds)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as problem:
        with contextlib.suppress(RuntimeError, OSError, subprocess.TimeoutExpired):
            _ssh(words, f"rm -f -- {part}", None, seconds)
        raise RuntimeError(f"{words[-1]}:{path}: {problem}") from None


def _ssh(words: Sequence[str], command: str, given: Path | None, seconds: float) -> str:
    with (given or Path(os.devnull)).open("rb") as source:
        done = subprocess.run([*words, command], stdin=source, capture_output=True, timeout=seconds, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout.decode(errors="replace")


def _to_s3(archive: Path, bucket: str, key: str) -> None:
    import boto3  # type: ignore[import-untyped]
    from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        client = boto3.client("s3")
        client.upload_file(str(archive), bucket, key)
        arrived = hashlib.sha256()
        for chunk in client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(CHUNK):
            arrived.update(chunk)
    except (Boto3Error, BotoCoreError, ClientError) as problem:
        raise RuntimeError(f"s3://{bucket}/{key}: {problem}") from None
    if arrived.hexdigest() != digest(archive):
        raise RuntimeError(f"s3://{bucket}/{key}: what arrived differs from what was sent")
