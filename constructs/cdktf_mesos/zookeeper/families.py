"""The families of ZooKeeper images, and how the containers of each are configured."""

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
from cdktf_mesos.zookeeper.metrics import WITHOUT_METRICS, metrics_settings
from cdktf_mesos.zookeeper.quorum_settings import quorum_settings
from cdktf_mesos.zookeeper.quorum_tls import QuorumTls
from cdktf_mesos.zookeeper.settings import WHITELIST, whitelist

# Environment, arguments after the entrypoint, and the directories that must outlive the container: name → path in it.
Configuration = tuple[dict[str, str], list[str], dict[str, str]]


@dataclass(frozen=True)
class Server:
    """One server of an ensemble.

    Args:
        my_id: the server's id, 1 to 255.
        addresses: the addresses of all servers, in the order of their ids.
        client_port: port for clients.
        peer_port: port for followers that connect to the leader.
        election_port: port for elections.
        settings: further lines of zoo.cfg.
        java_properties: properties of the server's Java virtual machine.
        metrics_port: port of the Prometheus provider; None if there is none.
        quorum_tls: TLS between the servers; None if there is none.
    """

    my_id: int
    addresses: Sequence[str]
    client_port: int
    peer_port: int
    election_port: int
    settings: Mapping[str, str]
    java_properties: Mapping[str, str]
    metrics_port: int | None = None
    quorum_tls: QuorumTls | None = None

    @property
    def address(self) -> str:
        """The server's own address."""
        return self.addresses[self.my_id - 1]


class Family(Protocol):
    """How one family of images is configured."""

    one_after_another: bool
    """Whether a server may start only when the servers before it in the list serve."""

    def warning(self, release: Release) -> str | None:
        """A warning for users of the release's image; None if there is nothing to warn of."""
        ...

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """The container's part of the configuration. The same arguments always give the same result."""
        ...


class _Entrypoint(NamedTuple):
    """What the entrypoint of the official image can do, from a release on.

    Args:
        since: the first release whose entrypoint is like this.
        dynamic: whether each server's line ends with the client port; without it the server would open no client port.
            Releases without this have the fixed port 2181. Releases with it also have the AdminServer, whose port 8080
            is Marathon's.
        admin_by_jvm: whether the entrypoint may ignore ZOO_ADMINSERVER_ENABLED; if so, a Java property turns the
            AdminServer off.
        settings: whether it can write further lines of zoo.cfg.
        purges: whether it can make the server delete old snapshots.
    """

    since: tuple[int, int, int]
    dynamic: bool
    admin_by_jvm: bool
    settings: bool
    purges: bool


# 31z4/zookeeper-docker, docker-entrypoint.sh of each release, newest first.
_ENTRYPOINTS = (
    _Entrypoint((3, 6, 0), dynamic=True, admin_by_jvm=False, settings=True, purges=True),
    _Entrypoint((3, 5, 9), dynamic=True, admin_by_jvm=True, settings=True, purges=True),
    _Entrypoint((3, 5, 4), dynamic=True, admin_by_jvm=True, settings=False, purges=True),
    _Entrypoint((3, 5, 0), dynamic=True, admin_by_jvm=True, settings=False, purges=False),
    _Entrypoint((3, 4, 11), dynamic=False, admin_by_jvm=False, settings=False, purges=True),
    _Entrypoint((3, 4, 0), dynamic=False, admin_by_jvm=False, settings=False, purges=False),
)


def _entrypoint(release: Release) -> _Entrypoint:
    """The entrypoint of a release's image. A tag without a patch number counts as the newest patch release."""
    patch = release.patch if release.patch is not None else 1000
    return next(row for row in _ENTRYPOINTS if (release.major, release.minor, patch) >= row.since)


class Official:
    """The official image (docker-library, `zookeeper`): an entrypoint that writes zoo.cfg from the environment."""

    one_after_another = False

    def warning(self, release: Release) -> str | None:
        """The oldest images never delete snapshots."""
        if _entrypoint(release).purges:
            return None
        remedy = "Use an image from 3.4.11 or 3.5.4 on"
        return f"the image of {release} never deletes snapshots, so the disk fills up. {remedy}"

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """The entrypoint writes zoo.cfg from this environment in every new container; the data stays on the host."""
        entrypoint = _entrypoint(release)
        settings, commands = dict(server.settings), server.settings.get(WHITELIST)
        settings.pop(WHITELIST, None)
        settings |= quorum_settings(role, server.quorum_tls, settings, server.java_properties, release)
        settings |= metrics_settings(role, server.metrics_port, server.address, settings, release)
        if settings and not entrypoint.settings:
            raise invalid(role, "settings", settings, "Remove them: images before 3.5.9 have no way to take settings")
        if commands is not None and not entrypoint.dynamic:
            remedy = "Remove it: servers before 3.5 answer all four-letter words"
            raise invalid(role, f"settings[{WHITELIST!r}]", commands, remedy)
        if not entrypoint.dynamic and server.client_port != 2181:
            raise invalid(role, "client_port", server.client_port, "Use 2181: images before 3.5 have no other port")
        environment = {
            "ZOO_MY_ID": str(server.my_id),
            "ZOO_SERVERS": " ".join(
                f"server.{number}={address}:{server.peer_port}:{server.election_port}"
                + (f";{address}:{server.client_port}" if entrypoint.dynamic else "")
                for number, address in enumerate(server.addresses, start=1)
            ),
            # By default a server deletes no snapshots, and the disk fills up.
            "ZOO_AUTOPURGE_PURGEINTERVAL": "24",
            "ZOO_AUTOPURGE_SNAPRETAINCOUNT": "3",
        }
        directories = {"data": "/data", "datalog": "/datalog", "logs": "/logs"}
        if entrypoint.dynamic:
            environment["ZOO_ADMINSERVER_ENABLED"] = "false"
            environment["ZOO_4LW_COMMANDS_WHITELIST"] = whitelist(role, commands)
        java_properties = dict(sorted(server.java_properties.items()))
        if entrypoint.admin_by_jvm:
            java_properties = {"zookeeper.admin.enableServer": "false", **java_properties}
        if java_properties:
            # bin/zkServer.sh of every release passes JVMFLAGS to the virtual machine, and splits it at blanks.
            environment["JVMFLAGS"] = " ".join(f"-D{name}={value}" for name, value in java_properties.items())
        if settings:
            environment["ZOO_CFG_EXTRA"] = " ".join(f"{name}={value}" for name, value in sorted(settings.items()))
        return environment, [], directories


@dataclass(frozen=True)
class ContainerSolutions:
    """`containersol/zookeeper`: the first server starts alone, and the others join it by dynamic reconfiguration (3.5).

    For clusters that run this image already (ContainerSolutions/zookeeper, zk-init.sh).

    Args:
        takes_my_id: whether the image's arguments are MYID [FIRST_NODE], as in its first revisions. Otherwise they are
            [FIRST_NODE], and a server takes the next free id.
    """

    takes_my_id: bool
    one_after_another = True

    def warning(self, release: Release) -> str | None:
        """Data do not outlive the servers: each one wipes its own when it starts."""
        return (
            "containersol/zookeeper wipes its data at every start. If all servers restart, all data are lost; if the "
            "first one restarts, it begins a new ensemble. It takes the address of the interface eth0, which must exist"
        )

    def configure(self, role: Construct, server: Server, release: Release) -> Configuration:
        """The ports are fixed, and the image takes no settings."""
        ports = (server.client_port, server.peer_port, server.election_port)
        if ports != (2181, 2888, 3888):
            remedy = "Use 2181, 2888 and 3888, which are fixed in this image"
            raise invalid(role, "client_port, peer_port, election_port", ports, remedy)
        for argument, values in (("settings", server.settings), ("java_properties", server.java_properties)):
            if values:
                raise invalid(role, argument, dict(values), "Remove them: this image has no way to take them")
        if server.metrics_port is not None:
            remedy = f"Remove it: this image has no way to take settings. {WITHOUT_METRICS}"
            raise invalid(role, "metrics_port", server.metrics_port, remedy)
        if server.quorum_tls is not None:
            remedy = "Remove it, or use the official image, zookeeper: this one has no way to take the settings for it"
            raise invalid(role, "quorum_tls", server.quorum_tls.stage, remedy)
        my_id = [str(server.my_id)] if self.takes_my_id else []
        first_node = [] if server.my_id == 1 else [server.addresses[0]]
        return {}, [*my_id, *first_node], {}


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
    """The family that the image names, or else that of its repository. Shows the family's warning on `shown_on`."""
    family = _FAMILIES[family_name(role, image, _REPOSITORIES)]
    if warning := family.warning(image.parsed_release()):
        Annotations.of(shown_on).add_warning(f"{role.node.path}: {warning}")
    return family
