"""A stand-in for AWS: moto's server, as a separate process. It records resources, but runs nothing."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf_mesos.aws import Place
from sandbox.ec2.api import Api
from sandbox.process import wait_until

REGION = "eu-central-1"


@dataclass(frozen=True)
class Moto:
    """AWS, as far as moto emulates it.

    Args:
        environment: variables that direct Terraform's AWS provider and S3 backend, boto3 and the aws command to moto,
            and to nothing else.
        api: moto's server.
    """

    environment: Mapping[str, str]
    api: Api

    def client(self, service: str) -> Any:
        """A boto3 client of a service."""
        return self.api.client(service, REGION)

    def network(self, prefix: str) -> tuple[str, list[Place]]:
        """Make a VPC with two subnets in different zones; returns the VPC's id and the subnets.

        Args:
            prefix: the first two numbers of its addresses, such as `10.12`.
        """
        ec2 = self.client("ec2")
        vpc = str(ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16")["Vpc"]["VpcId"])
        places = []
        for number, zone in ((1, f"{REGION}a"), (2, f"{REGION}b")):
            cidr = f"{prefix}.{number}.0/24"
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]
            places.append(Place(subnet["SubnetId"], zone, cidr))
        return vpc, places


@contextmanager
def running(log: Path) -> Iterator[Moto]:
    """Runs moto for the length of a block.

    Args:
        log: the file for its log.

    Raises:
        TimeoutError: it does not answer within a minute.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = Api("127.0.0.1", free.getsockname()[1])
    with log.open("wb") as output, subprocess.Popen(api.command, stdout=output, stderr=output) as server:
        try:
            wait_until(api.answers, lambda: f"moto does not answer: {log.read_text()}", 60)
            yield Moto(api.environment(REGION), api)
        finally:
            server.terminate()
