"""Files that a process holds. The kernel releases them when it ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a file for the length of the block. It has the id of the process, and is removed at the end.

    Args:
        path: the file; it is made if it is missing.
        wait: whether to wait for another process that holds it. By default that is an error.

    Raises:
        RuntimeError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _is(file, path):
                break
            # The process that held it has removed the file meanwhile.
            os.close(file)
        except BlockingIOError:
            process = os.read(file, 100).decode() or "another"
            os.close(file)
            raise RuntimeError(f"process {process} works on it: it holds {path}") from None
        except BaseException:
            os.close(file)
            raise
    try:
        os.truncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def is_held(path: Path) -> bool:
    """Whether a process holds the file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)


def _is(file: int, path: Path) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
