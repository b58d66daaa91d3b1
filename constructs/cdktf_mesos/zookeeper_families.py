"""How ZooKeeper images want to be configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cdktf import Annotations
from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image import Image
from cdktf_mesos.release import Release

# Environment, arguments after the entrypoint, and what must outlive the container: directory → path in the container.
Configuration = tuple[dict[str, str], list[str], dict[str, str]]


@dataclass(frozen=True)
class Server:
    """One server of an ensemble.

    Args:
        my_id: 1 to 255.
        addresses: of all servers, in the order of their ids.
        client_port: for clients.
        peer_port: for followers.
        election_port: for elections.
    """

    my_id: int
    addresses: Sequence[str]
    client_port: int
    peer_port: int
    election_port: int


class Family(Protocol):
    """How one family of images is configured."""

    def configure(
        self, role: Construct, server: Server, release: Release, settings: Mapping[str, str]
    ) -> Configuration:
        """The container's part of the configuration; the same input gives the same answer."""
        ...


class Official:
    """The official image (docker-library, `zookeeper`): an entrypoint that writes zoo.cfg from the environment."""

    def configure(
        self, role: Construct, server: Server, release: Release, settings: Mapping[str, str]
    ) -> Configuration:
        """Both files that the entrypoint would keep are written anew by every container; the data stays."""
        minor = (release.major, release.minor)
        dynamic = minor >= (3, 5)
        if settings and (not dynamic or (minor == (3, 5) and (release.patch or 0) < 9)):
            raise invalid(role, "settings", dict(settings), "none before 3.5.9, whose image has no way to take them")
        if not dynamic and server.client_port != 2181:
            raise invalid(role, "client_port", server.client_port, "2181 before 3.5, where the image fixes it")
        environment = {
            "ZOO_MY_ID": str(server.my_id),
            "ZOO_SERVERS": " ".join(
                f"server.{number}={address}:{server.peer_port}:{server.election_port}"
                + (f";{address}:{server.client_port}" if dynamic else "")
                for number, address in enumerate(server.addresses, start=1)
            ),
            # Off by default, and a disk fills up with snapshots.
            "ZOO_AUTOPURGE_PURGEINTERVAL": "24",
            "ZOO_AUTOPURGE_SNAPRETAINCOUNT": "3",
        }
        directories = {"data": "/data", "datalog": "/datalog", "logs": "/logs"}
        if dynamic:
            # It listens on 8080, where Marathon is.
            environment["ZOO_ADMINSERVER_ENABLED"] = "false"
            environment["ZOO_4LW_COMMANDS_WHITELIST"] = "srvr,mntr,ruok,conf"
        if minor == (3, 5):
            # The first images of 3.5 do not know ZOO_ADMINSERVER_ENABLED.
            environment["JVMFLAGS"] = "-Dzookeeper.admin.enableServer=false"
        if settings:
            environment["ZOO_CFG_EXTRA"] = " ".join(f"{name}={value}" for name, value in sorted(settings.items()))
        return environment, [], directories


class ContainerSolutions:
    """`containersol/zookeeper`: arguments MYID [FIRST_NODE]; the first node starts alone and the others join it.

    Offered for those who have it. Every start wipes its data.
    """

    def configure(
        self, role: Construct, server: Server, release: Release, settings: Mapping[str, str]
    ) -> Configuration:
        """The ports are fixed and nothing else can be set."""
        ports = (server.client_port, server.peer_port, server.election_port)
        if ports != (2181, 2888, 3888):
            raise invalid(role, "client_port, peer_port, election_port", ports, "2181, 2888, 3888 in this image")
        if settings:
            raise invalid(role, "settings", dict(settings), "none in this image")
        first = [] if server.my_id == 1 else [server.addresses[0]]
        return {}, [str(server.my_id), *first], {}


_FAMILIES: dict[str, Family] = {"zookeeper": Official(), "containersol": ContainerSolutions()}
_REPOSITORIES = {"containersol/zookeeper": "containersol"}


def family_of(role: Construct, image: Image) -> Family:
    """The family that the image names or its repository belongs to, else the official one."""
    name = image.family or _REPOSITORIES.get(image.last_components(), "zookeeper")
    if name not in _FAMILIES:
        raise invalid(role, "image.family", name, f"one of {', '.join(sorted(_FAMILIES))}")
    if name == "containersol":
        Annotations.of(role).add_warning("containersol/zookeeper wipes its data at every start; nothing outlives it")
    return _FAMILIES[name]
