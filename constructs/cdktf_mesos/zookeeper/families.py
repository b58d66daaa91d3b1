"""How ZooKeeper images want to be configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.zookeeper.settings import WHITELIST, whitelist

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
        settings: further lines of zoo.cfg.
        java_properties: of its virtual machine.
    """

    my_id: int
    addresses: Sequence[str]
    client_port: int
    peer_port: int
    election_port: int
    settings: Mapping[str, str]
    java_properties: Mapping[str, str]


class Family(Protocol):
    """How one family of images is configured."""

    one_after_another: bool
    """Whether a server may start only once those before it serve."""

    def warning(self, release: Release) -> str | None:
        """What whoever uses an image of the release must know; None where there is nothing."""
        ...

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """The container's part of the configuration; the same input gives the same answer."""
        ...


class _Entrypoint(NamedTuple):
    """What the entrypoint of the official image reads, from a release on.

    Args:
        since: the first release that is so.
        dynamic: whether each server's line ends in its client port, without which no such port opens; before, it is
            fixed to 2181. With it came the AdminServer, on 8080, where Marathon is.
        by_jvm: whether an image of it may not know how to turn the AdminServer off, so that the server is told itself.
        settings: whether it takes further lines of zoo.cfg.
        purges: whether it can be told to delete old snapshots.
    """

    since: tuple[int, int, int]
    dynamic: bool
    by_jvm: bool
    settings: bool
    purges: bool


# 31z4/zookeeper-docker, docker-entrypoint.sh of each release, newest first.
_ENTRYPOINTS = (
    _Entrypoint((3, 6, 0), dynamic=True, by_jvm=False, settings=True, purges=True),
    _Entrypoint((3, 5, 9), dynamic=True, by_jvm=True, settings=True, purges=True),
    _Entrypoint((3, 5, 4), dynamic=True, by_jvm=True, settings=False, purges=True),
    _Entrypoint((3, 5, 0), dynamic=True, by_jvm=True, settings=False, purges=False),
    _Entrypoint((3, 4, 11), dynamic=False, by_jvm=False, settings=False, purges=True),
    _Entrypoint((3, 4, 0), dynamic=False, by_jvm=False, settings=False, purges=False),
)


def _entrypoint(release: Release) -> _Entrypoint:
    """The entrypoint of a release's image; a tag without a patch number is the newest of its minor release."""
    patch = release.patch if release.patch is not None else 1000
    return next(row for row in _ENTRYPOINTS if (release.major, release.minor, patch) >= row.since)


class Official:
    """The official image (docker-library, `zookeeper`): an entrypoint that writes zoo.cfg from the environment."""

    one_after_another = False

    def warning(self, release: Release) -> str | None:
        """The first images never delete snapshots."""
        if _entrypoint(release).purges:
            return None
        return f"the image of {release} never deletes snapshots: its disk fills up; 3.4.11 and 3.5.4 are the first"

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """Both files that the entrypoint would keep are written anew by every container; the data stays."""
        reads = _entrypoint(release)
        lines, further = dict(server.settings), server.settings.get(WHITELIST)
        lines.pop(WHITELIST, None)
        if lines and not reads.settings:
            raise invalid(role, "settings", lines, "none before 3.5.9, whose image has no way to take them")
        if further is not None and not reads.dynamic:
            right = "none before 3.5, where servers answer all of them"
            raise invalid(role, f"settings[{WHITELIST!r}]", further, right)
        if not reads.dynamic and server.client_port != 2181:
            raise invalid(role, "client_port", server.client_port, "2181 before 3.5, where the image fixes it")
        environment = {
            "ZOO_MY_ID": str(server.my_id),
            "ZOO_SERVERS": " ".join(
                f"server.{number}={address}:{server.peer_port}:{server.election_port}"
                + (f";{address}:{server.client_port}" if reads.dynamic else "")
                for number, address in enumerate(server.addresses, start=1)
            ),
            # Off by default, and a disk fills up with snapshots.
            "ZOO_AUTOPURGE_PURGEINTERVAL": "24",
            "ZOO_AUTOPURGE_SNAPRETAINCOUNT": "3",
        }
        directories = {"data": "/data", "datalog": "/datalog", "logs": "/logs"}
        if reads.dynamic:
            environment["ZOO_ADMINSERVER_ENABLED"] = "false"
            environment["ZOO_4LW_COMMANDS_WHITELIST"] = whitelist(role, further)
        java_properties = dict(sorted(server.java_properties.items()))
        if reads.by_jvm:
            java_properties = {"zookeeper.admin.enableServer": "false", **java_properties}
        if java_properties:
            # bin/zkServer.sh of every release hands it to the virtual machine, and splits it at blanks.
            environment["JVMFLAGS"] = " ".join(f"-D{name}={value}" for name, value in java_properties.items())
        if lines:
            environment["ZOO_CFG_EXTRA"] = " ".join(f"{name}={value}" for name, value in sorted(lines.items()))
        return environment, [], directories


@dataclass(frozen=True)
class ContainerSolutions:
    """`containersol/zookeeper`: the first server starts alone and the others join it, by 3.5's own reconfiguration.

    Offered for those who have it (ContainerSolutions/zookeeper, zk-init.sh).

    Args:
        takes_my_id: whether the arguments are MYID [FIRST_NODE], as they first were, or [FIRST_NODE] alone, where a
            server takes the next id that is free.
    """

    takes_my_id: bool
    one_after_another = True

    def warning(self, release: Release) -> str | None:
        """Its data are those of the first server that still runs."""
        return (
            "containersol/zookeeper wipes its data at every start: nothing outlives a restart of all, and a first "
            "server that restarts begins an ensemble of its own; it wants an interface eth0, whose address it takes"
        )

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """The ports are fixed and nothing else can be set."""
        ports = (server.client_port, server.peer_port, server.election_port)
        if ports != (2181, 2888, 3888):
            raise invalid(role, "client_port, peer_port, election_port", ports, "2181, 2888, 3888 in this image")
        for argument, given in (("settings", server.settings), ("java_properties", server.java_properties)):
            if given:
                raise invalid(role, argument, dict(given), "none in this image")
        my_id = [str(server.my_id)] if self.takes_my_id else []
        first = [] if server.my_id == 1 else [server.addresses[0]]
        return {}, [*my_id, *first], {}


_FAMILIES: dict[str, Family] = {
    "zookeeper": Official(),
    "containersol": ContainerSolutions(takes_my_id=True),
    "containersol-first-node": ContainerSolutions(takes_my_id=False),
}
_REPOSITORIES = {
    "zookeeper": ("zookeeper", "library/zookeeper"),
    "containersol": ("containersol/zookeeper",),
    "containersol-first-node": (),
}


def family_of(role: Construct, image: Image, *, shown_on: Construct) -> Family:
    """The family that the image names or its repository belongs to; its warning is shown."""
    family = _FAMILIES[family_name(role, image, _REPOSITORIES)]
    if warning := family.warning(image.parsed_release()):
        Annotations.of(shown_on).add_warning(f"{role.node.path}: {warning}")
    return family
