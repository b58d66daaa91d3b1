"""Reads from the API what the machine room needs."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import paths

HOSTS: Mapping[str, str] = {
    paths.address(host): host for host in (f"hs{number}" for number in range(1, paths.MAX_HOSTS + 1))
}
"""All possible hosts of the sandbox, by address: those that an instance can be."""


@dataclass(frozen=True)
class Instance:
    """An instance that has the address of a host.

    Args:
        id: the instance's id.
        state: `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
        host: the name of the host whose address it has.
        key_name: the name of its key pair; '' if it has none.
        volumes: the ids of its attached volumes, without the root volume.
    """

    id: str
    state: str
    host: str
    key_name: str = ""
    volumes: tuple[str, ...] = ()


def instances(api: Any) -> list[Instance]:
    """All instances that are hosts. Instances with other addresses exist only in the API."""
    found = [each for group in api.describe_instances()["Reservations"] for each in group["Instances"]]
    return [_instance(each) for each in found if each.get("PrivateIpAddress") in HOSTS]


def public_addresses(api: Any) -> dict[str, str]:
    """The private address for each elastic address."""
    found = api.describe_addresses()["Addresses"]
    return {each["PublicIp"]: each["PrivateIpAddress"] for each in found if each.get("PrivateIpAddress") in HOSTS}


def user_data(api: Any, instance: str) -> bytes:
    """An instance's user data; empty if it has none."""
    answer = api.describe_instance_attribute(InstanceId=instance, Attribute="userData")
    return b64decode(answer.get("UserData", {}).get("Value", ""))


def public_key(api: Any, key_name: str) -> str | None:
    """The public key of a key pair; None if the name is empty."""
    if not key_name:
        return None
    answer = api.describe_key_pairs(KeyNames=[key_name], IncludePublicKey=True)
    return str(answer["KeyPairs"][0]["PublicKey"])


def _instance(answer: Mapping[str, Any]) -> Instance:
    root = answer.get("RootDeviceName")
    devices = (each for each in answer.get("BlockDeviceMappings", ()) if each["DeviceName"] != root)
    return Instance(
        id=answer["InstanceId"],
        state=answer["State"]["Name"],
        host=HOSTS[answer["PrivateIpAddress"]],
        key_name=answer.get("KeyName", ""),
        volumes=tuple(device["Ebs"]["VolumeId"] for device in devices),
    )
