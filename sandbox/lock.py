"""A lock for one sandbox command at a time: code that changes the machine or the cache must hold it."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox import paths
from sandbox.process import wait_until

_PATIENCE = 1800  # seconds; the first build of everything, by another process, takes some minutes
_is_held = False
_thread = threading.RLock()


@contextmanager
def held() -> Iterator[None]:
    """Holds the lock of this machine's cache. A thread that holds it already may take it again; other threads wait.

    Raises:
        TimeoutError: another process has held it for half an hour.
    """
    with _thread:
        if _is_held:
            yield
        else:
            with _file():
                yield


@contextmanager
def _file() -> Iterator[None]:
    """Holds the lock against other processes."""
    global _is_held
    paths.cache().mkdir(parents=True, exist_ok=True)
    folder = os.open(paths.cache(), os.O_RDONLY | os.O_CLOEXEC)
    try:
        _acquire(folder)
        _is_held = True
        yield
    finally:
        _is_held = False
        os.close(folder)


def _acquire(folder: int) -> None:
    if _try(folder):
        return
    print("waiting for another sandbox command …", file=sys.stderr, flush=True)
    wait_until(lambda: _try(folder), lambda: f"another sandbox command holds {paths.cache()}", _PATIENCE)


def _try(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
