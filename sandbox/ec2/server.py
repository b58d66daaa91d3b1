"""moto's server, which answers as AWS does, as a process on the bridge."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import requests

from sandbox import paths
from sandbox.process import ended, find, send, start, wait_until

PORT = 5001
URL = f"http://{paths.BRIDGE_ADDRESS}:{PORT}"
_WORDS = ["-m", "moto.server", "-H", paths.BRIDGE_ADDRESS, "-p", str(PORT)]


def folder() -> Path:
    """The folder of what exists while there is an EC2, and of its logs."""
    return paths.state() / "ec2"


def volumes() -> Path:
    """The folder of the volumes' disks."""
    return folder() / "volumes"


def environment(region: str) -> dict[str, str]:
    """The variables with which the AWS CLI, boto3, Terraform's provider and its S3 backend work against it."""
    exempt = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "", paths.BRIDGE_ADDRESS]
    no_proxy = ",".join(filter(None, exempt))
    return {
        "AWS_ENDPOINT_URL": URL,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


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
    start([sys.executable, *_WORDS], log())
    wait_until(answers, lambda: f"moto at {URL} does not answer: see {log()}", 60)


def stop() -> None:
    """Ends it, and with it all that was made in it; nothing to do when none runs."""
    for pid in pids():
        send(pid, signal.SIGTERM)
        wait_until(lambda pid=pid: ended(pid), lambda: "moto does not end", 10)  # type: ignore[misc]


def pids() -> list[int]:
    """Its process, when it runs."""
    return list(find(lambda words: words[1:] == _WORDS))


def answers() -> bool:
    """Whether it answers."""
    with contextlib.suppress(requests.RequestException), requests.Session() as session:
        session.trust_env = False  # no proxy stands between the machine and itself
        return session.get(f"{URL}/moto-api/data.json", timeout=5).ok
    return False


def log() -> Path:
    """The log of its requests."""
    return folder() / "moto.log"
