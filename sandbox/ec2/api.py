"""Describes moto's server, which answers as AWS does, and how programs connect to it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import requests
from botocore.config import Config  # type: ignore[import-untyped]

_SCRIPT = "moto_server.py"


@dataclass(frozen=True)
class Api:
    """moto's server on this machine.

    Args:
        address: the address that it listens on.
        port: the port that it listens on.
    """

    address: str
    port: int

    @property
    def url(self) -> str:
        """The server's URL."""
        return f"http://{self.address}:{self.port}"

    @property
    def command(self) -> list[str]:
        """The command that runs it. `-I`: Python must not import modules from the script's folder."""
        return [sys.executable, "-I", str(Path(__file__).with_name(_SCRIPT)), *self._words]

    def is_run_by(self, command: Sequence[str]) -> bool:
        """Whether a command line is that of this server, perhaps from another checkout."""
        return command[3:] == self._words and command[2].endswith(f"/{_SCRIPT}")

    @property
    def _words(self) -> list[str]:
        return ["-H", self.address, "-p", str(self.port)]

    def answers(self) -> bool:
        """Whether the server answers."""
        with contextlib.suppress(requests.RequestException), requests.Session() as session:
            session.trust_env = False  # use no proxy for a server on this machine
            return session.get(f"{self.url}/moto-api/data.json", timeout=5).ok
        return False

    def environment(self, region: str) -> dict[str, str]:
        """The variables that direct the AWS CLI, boto3, Terraform's AWS provider and its S3 backend to this server."""
        exempt = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "", self.address]
        no_proxy = ",".join(filter(None, exempt))
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def client(self, service: str, region: str) -> Any:
        """A boto3 client of a service, such as `ec2` or `ssm`."""
        variables = self.environment(region)
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}),  # use no proxy for a server on this machine
        )
