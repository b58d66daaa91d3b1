"""moto's server, which answers as AWS does, as a process on the bridge."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from sandbox import paths
from sandbox.ec2.api import Api
from sandbox.process import ended, find, send, start, wait_until

API = Api(paths.BRIDGE_ADDRESS, 5001)


def folder() -> Path:
    """The folder of what exists while there is an EC2, and of its logs."""
    return paths.state() / "ec2"


def volumes() -> Path:
    """The folder of the volumes' disks."""
    return folder() / "volumes"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """There is one address for the API, so one block at a time on this machine.

    Raises:
        RuntimeError: another process has one.
    """
    folder().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder(), os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError("another process has an EC2 on this machine") from None
        yield
    finally:
        os.close(descriptor)


def begin() -> None:
    """Starts it, empty, in place of one that was left behind, and waits until it answers.

    Raises:
        TimeoutError: it did not answer; the text names its log.
    """
    stop()
    start(API.command, log())
    wait_until(API.answers, lambda: f"moto at {API.url} does not answer: see {log()}", 60)


def stop() -> None:
    """Ends it, and with it all that was made in it; nothing to do when none runs."""
    for pid in pids():
        send(pid, signal.SIGTERM)
        wait_until(lambda pid=pid: ended(pid), lambda: "moto does not end", 10)  # type: ignore[misc]


def pids() -> list[int]:
    """Its process, when it runs."""
    return list(find(API.is_run_by))


def log() -> Path:
    """The log of its requests."""
    return folder() / "moto.log"
