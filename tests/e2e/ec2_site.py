"""A small network in the sandbox's EC2: a bastion and a worker, made through the API as an application does it."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox import paths
from sandbox.ec2.emulator import Ec2
from sandbox.ec2.machine import PROGRAM
from sandbox.hosts import Host
from sandbox.process import run

BASTION, WORKER = Host("hs40"), Host("hs41")

_PUBLISH = """#!/bin/sh -e
[ "$1" = publish ]
. /etc/cdktf-mesos/host.env
key=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)
aws ssm put-parameter --region "$REGION" --name "$KEY_PARAMETER" --type String --overwrite --value "$key"
"""


class Site:
    """A network with two interfaces, which outlive their instances, and a volume for the worker.

    The bastion's port 22 is open to everybody, the worker's only to the bastion.

    Args:
        ec2: the EC2 to make it in.
        folder: a folder for the key pair and ssh's files.
    """

    def __init__(self, ec2: Ec2, folder: Path) -> None:
        self.ec2 = ec2
        self.api = ec2.client("ec2")
        self._folder = folder
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key")
        self.api.import_key_pair(KeyName="test", PublicKeyMaterial=(folder / "key.pub").read_bytes())
        self._network = self.api.create_vpc(CidrBlock=f"{paths.NETWORK}.0/24")["Vpc"]["VpcId"]
        subnet = self.api.create_subnet(VpcId=self._network, CidrBlock=f"{paths.NETWORK}.0/24")["Subnet"]
        self._subnet = subnet["SubnetId"]
        self.volume = self.api.create_volume(AvailabilityZone=subnet["AvailabilityZone"], Size=1)["VolumeId"]
        self._image = self.api.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        self.groups = {host: self._group(host) for host in (BASTION, WORKER)}
        self.interfaces = {host: self._interface(host) for host in (BASTION, WORKER)}
        self.admit(BASTION, 22, "0.0.0.0/0")
        self.admit(WORKER, 22, BASTION)
        allocated = self.api.allocate_address(Domain="vpc")
        self.public_address = str(allocated["PublicIp"])
        self.api.associate_address(AllocationId=allocated["AllocationId"], NetworkInterfaceId=self.interfaces[BASTION])

    def launch(self, host: Host, volume: str = "", program: str = _PUBLISH) -> str:
        """Starts an instance at the host's address, whose user data names the data volume; returns its id."""
        device = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}" if volume else ""
        settings = f"REGION={self.ec2.region}\nKEY_PARAMETER={_parameter(host)}\nDATA_DEVICE={device}\n"
        files = [
            {
                "path": PROGRAM,
                "permissions": "0755",
                "encoding": "b64",
                "content": b64encode(program.encode()).decode(),
            },
            {"path": "/etc/cdktf-mesos/host.env", "content": settings},
        ]
        instance = self.run_instance(host, UserData="#cloud-config\n" + json.dumps({"write_files": files}))
        if volume:
            self.api.attach_volume(InstanceId=instance, VolumeId=volume, Device="/dev/sdf")
        return instance

    def run_instance(self, host: Host, **settings: str) -> str:
        """Starts an instance at the host's address; returns its id."""
        answer = self.api.run_instances(
            ImageId=self._image,
            MinCount=1,
            MaxCount=1,
            KeyName="test",
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": self.interfaces[host]}],
            **settings,
        )
        return str(answer["Instances"][0]["InstanceId"])

    def admit(self, to: Host, port: int, source: Host | str) -> None:
        """Opens a port of a host to another host's security group, or to a network."""
        self.api.authorize_security_group_ingress(GroupId=self.groups[to], IpPermissions=self._permission(port, source))

    def revoke(self, to: Host, port: int, source: Host | str) -> None:
        """Closes a port that `admit` has opened."""
        self.api.revoke_security_group_ingress(GroupId=self.groups[to], IpPermissions=self._permission(port, source))

    def published_key(self, host: Host) -> tuple[str, int]:
        """The host key that the instance has published, and the parameter's version: how often it was published."""
        parameter = self.ec2.client("ssm").get_parameter(Name=_parameter(host))["Parameter"]
        return parameter["Value"], parameter["Version"]

    def login(self, address: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a command over ssh, through the bastion unless the address is its own; trusts the published keys."""
        known = {self.public_address: BASTION, WORKER.address: WORKER}
        lines = [f"{name} {self.published_key(host)[0]}" for name, host in known.items()]
        (self._folder / "known").write_text("\n".join(lines) + "\n")
        options = (
            f"User {paths.USER}",
            f"IdentityFile {self._folder}/key",
            f"UserKnownHostsFile {self._folder}/known",
            *("IdentitiesOnly yes", "StrictHostKeyChecking yes", "BatchMode yes", "ConnectTimeout 5"),
        )
        config = [f"Host {WORKER.address}", f"ProxyJump {self.public_address}", "Host *", *options]
        (self._folder / "config").write_text("\n".join(config) + "\n")
        command = ["ssh", "-F", str(self._folder / "config"), address, *words]
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
        )

    def _group(self, host: Host) -> str:
        answer = self.api.create_security_group(GroupName=host.name, Description=host.name, VpcId=self._network)
        return str(answer["GroupId"])

    def _interface(self, host: Host) -> str:
        answer = self.api.create_network_interface(
            SubnetId=self._subnet, PrivateIpAddress=host.address, Groups=[self.groups[host]]
        )
        return str(answer["NetworkInterface"]["NetworkInterfaceId"])

    def _permission(self, port: int, source: Host | str) -> Sequence[Any]:
        peer: dict[str, Any] = (
            {"IpRanges": [{"CidrIp": source}]}
            if isinstance(source, str)
            else {"UserIdGroupPairs": [{"GroupId": self.groups[source]}]}
        )
        return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}]


def _parameter(host: Host) -> str:
    return f"/site/{host.name}/key"
