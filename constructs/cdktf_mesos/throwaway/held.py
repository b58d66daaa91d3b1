"""Files that a process holds. The kernel releases them when it ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# How long to wait for what a killed process has started, in seconds, and the time between two looks.
_PATIENCE, _PAUSE = 120, 0.2


@contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[int]:
    """Hold a file for the length of the block. It has the id of the process, and is removed at the end.

    A program that inherits the open file holds it, too. If a process was killed, such a program may still run: this
    waits until it has ended.

    Args:
        path: the file; it is made if it is missing.
        wait: whether to wait for another process that holds it. By default that is an error.

    Yields:
        the open file.

    Raises:
        RuntimeError: another process holds it.
    """
    deadline = time.monotonic() + _PATIENCE
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
            process = os.pread(file, 100, 0).decode()
            os.close(file)
            if not process or _runs(int(process)) or time.monotonic() > deadline:
                raise RuntimeError(f"process {process or 'another'} works on it: it holds {path}") from None
            time.sleep(_PAUSE)
        except BaseException:
            os.close(file)
            raise
    try:
        os.truncate(file, 0)
        # The process id is only for messages. On a full disk there is none.
        with contextlib.suppress(OSError):
            os.write(file, str(os.getpid()).encode())
        yield file
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


def _runs(process: int) -> bool:
    """Whether there is a process with this id."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is(file: int, path: Path) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
