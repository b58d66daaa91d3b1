"""Starts and stops moto's server, the API, as a process that listens on the bridge."""

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
    """The folder for the files of the running EC2 and its logs."""
    return paths.state() / "ec2"


def volumes() -> Path:
    """The folder of the volumes' disk images."""
    return folder() / "volumes"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds a lock for the length of a block: only one EC2 at a time, since the API has a fixed address.

    Raises:
        RuntimeError: another process holds it.
    """
    folder().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder(), os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError("another process runs the sandbox's EC2 on this machine") from None
        yield
    finally:
        os.close(descriptor)


def begin() -> None:
    """Starts an empty server, after stopping one that was left behind, and waits until it answers.

    Raises:
        TimeoutError: it did not answer; the text names its log.
    """
    stop()
    start(API.command, log())
    wait_until(API.answers, lambda: f"moto at {API.url} does not answer: see {log()}", 60)


def stop() -> None:
    """Stops the server, which forgets everything. Does nothing if it does not run."""
    for pid in pids():
        send(pid, signal.SIGTERM)
        wait_until(lambda pid=pid: ended(pid), lambda: "moto does not end", 10)  # type: ignore[misc]


def pids() -> list[int]:
    """The ids of the server's processes; empty if it does not run."""
    return list(find(API.is_run_by))


def log() -> Path:
    """The server's log, with all requests."""
    return folder() / "moto.log"
