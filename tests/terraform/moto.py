"""A stand-in for AWS that keeps no more than what it is told: moto's server, as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]

from sandbox.process import wait_until

REGION = "eu-central-1"


@dataclass(frozen=True)
class Moto:
    """AWS, as far as moto has it.

    Args:
        url: where it answers.
    """

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """With which Terraform's AWS provider and S3 backend, boto3 and the aws command ask it, and nobody else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A client of boto3 for one of its services."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


@contextmanager
def running(log: Path) -> Iterator[Moto]:
    """Moto for the length of a block.

    Args:
        log: the file that it writes to.

    Raises:
        TimeoutError: it does not answer within a minute.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output, subprocess.Popen(words, stdout=output, stderr=output) as server:
        try:
            wait_until(lambda: _answers(url), lambda: f"moto does not answer: {log.read_text()}", 60)
            yield Moto(url)
        finally:
            server.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):
            return True
    except OSError:
        return False
