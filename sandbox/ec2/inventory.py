"""What the API has, as far as the machine room needs it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import paths

HOSTS: Mapping[str, str] = {
    paths.address(host): host for host in (f"hs{number}" for number in range(1, paths.MAX_HOSTS + 1))
}
"""The hosts that instances may be, by address."""


@dataclass(frozen=True)
class Instance:
    """An instance at the address of a host.

    Args:
        id: of the instance.
        state: `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
        host: whose address it has.
        key_name: of its key pair; '' for none.
        volumes: the ids of the attached volumes, without that of the root.
    """

    id: str
    state: str
    host: str
    key_name: str = ""
    volumes: tuple[str, ...] = ()


def instances(api: Any) -> list[Instance]:
    """All instances that are hosts; others are the API's alone."""
    found = [each for group in api.describe_instances()["Reservations"] for each in group["Instances"]]
    return [_instance(each) for each in found if each.get("PrivateIpAddress") in HOSTS]


def public_addresses(api: Any) -> dict[str, str]:
    """The private addresses by the elastic ones that lead to them."""
    found = api.describe_addresses()["Addresses"]
    return {each["PublicIp"]: each["PrivateIpAddress"] for each in found if each.get("PrivateIpAddress") in HOSTS}


def user_data(api: Any, instance: str) -> bytes:
    """An instance's user data; empty for none."""
    answer = api.describe_instance_attribute(InstanceId=instance, Attribute="userData")
    return b64decode(answer.get("UserData", {}).get("Value", ""))


def public_key(api: Any, key_name: str) -> str | None:
    """The public key of a key pair; None for no name."""
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
