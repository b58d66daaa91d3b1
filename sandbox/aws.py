"""Clusters on the sandbox's EC2, whose instances are hosts of the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sandbox import paths, ssh
from sandbox.ec2.emulator import Ec2
from sandbox.hosts import Host
from sandbox.project import Project, environment

# Subnets of the sandbox's network by zone; each contains addresses of hosts.
ZONES = {"a": f"{paths.NETWORK}.16/28", "b": f"{paths.NETWORK}.32/28"}
PUBLIC = {"a": f"{paths.NETWORK}.48/28", "b": f"{paths.NETWORK}.64/28"}

CONTROL = (Host("hs13"), Host("hs26"), Host("hs14"))  # in zones a, b and a
AGENTS = (Host("hs15"), Host("hs27"))  # in zones a and b
BASTION = Host("hs42")


def aws_project(directory: Path, name: str, ec2: Ec2, *, control: int = 3, agents: int = 2, **settings: Any) -> Project:
    """A project with the application on AWS, not deployed yet. Its waits are short, because tests break things."""
    addresses = {f"control-{number}": host.address for number, host in enumerate(CONTROL[:control], start=1)}
    addresses |= {f"agent-{number}": host.address for number, host in enumerate(AGENTS[:agents], start=1)}
    return Project(
        directory,
        {**ec2.environment(), "PATH": f"{Path(sys.executable).parent}:{environment()['PATH']}"},
        name=name,
        platform={
            "kind": "aws",
            "region": ec2.region,
            "zones": [f"{ec2.region}{zone}" for zone in ZONES],
            "ssh_public_key": ssh.public_key().strip(),
            "admin_cidrs": [f"{paths.BRIDGE_ADDRESS}/32"],
            "control_plane": control,
            "agents": agents,
            "addresses": {**addresses, "bastion": BASTION.address},
            "cidr": f"{paths.NETWORK}.0/24",
            "private_cidrs": [*ZONES.values()],
            "public_cidrs": [*PUBLIC.values()],
            # moto lacks the SSM parameter that names Debian's newest image, so take one of moto's own images.
            "ami": ec2.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
            # The emulated instances are namespaces with Debian 12's files and cgroup v1.
            "debian": 12,
            "login_user": paths.USER,
            "ready_seconds": 120,
            "ssh_options": ssh.key_options(),
            "preflight_seconds": 15,
        },
        wait_seconds=45,
        **settings,
    )
