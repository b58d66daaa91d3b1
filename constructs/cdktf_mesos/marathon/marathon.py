"""Marathon."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import Annotations
from cdktf_mesos.container.jvm import without_container_support
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon import health
from cdktf_mesos.marathon.closed import (
    PRINCIPAL_FLAG,
    START,
    ZK_LOGIN_FROM,
    check_closing_flags,
    checked_principal,
    closed_marathon,
    login_of,
    principal_check,
)
from cdktf_mesos.marathon.flags import RELEASES, why_not
from cdktf_mesos.marathon.https import ALL_HAVE_HTTPS, HTTPS_PORT, KEYSTORE, HttpsStage, checked_https, skips_https
from cdktf_mesos.marathon.upgrades import marathon_bumps
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.security.stage import StageCheck, stage_check
from cdktf_mesos.tls.stage import asking_over_tls, with_tls
from cdktf_mesos.tls.variables import check_tls, tls_variables
from cdktf_mesos.zookeeper.acls import Znodes, add_acls

if TYPE_CHECKING:
    from cdktf_mesos.roll.deployed import DeployedMember

# The default ports: for Marathon's API, and for connections from the masters.
PORT, LIBPROCESS_PORT = 8080, 15101

_FAMILIES = {"mesosphere": ("mesosphere/marathon",)}

# The service ports that Marathon gives to apps: the flags, and their defaults.
_SERVICE_PORTS = {"local_port_min": 10000, "local_port_max": 20000}

# Flags that the construct sets itself.
_RESERVED_FLAGS = ("master", "zk", "hostname", "http_address", "http_port", "mesos_user")

_STAGE = Path(__file__).with_name("stage.sh")

# The instances elect their leader below the path leader-curator, up to 1.2 below leader (CuratorElectionService). The
# path of the leader may be read by all (ZooKeeperConf, zkDefaultCreationACL).
_LEADER = ("leader-curator", "leader")
_ZNODES = Znodes(below=None, readable=_LEADER, clients=_LEADER)


class Marathon(Role):
    """Marathon: one instance on each host. The instances elect a leader among themselves.

    Args:
        scope: where Marathon's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        masters: the masters that Marathon registers with. Its state is in their ZooKeeper ensemble.
        image: such as `mesosphere/marathon:v1.11.24`. The only family is `mesosphere`.
        container_name: name of the containers; by default `id_`.
        chroot: Marathon's path in ZooKeeper.
        port: port of Marathon's API.
        libprocess_port: port for connections from the masters. Marathon itself would choose a random one, which a
            firewall cannot allow.
        mesos_user: the user that tasks run as. From 1.5.15 and 1.7 on, Marathon's image runs as nobody, and without
            this its tasks would, too.
        principal: its principal in Mesos; with security it is `marathon` by default, else there is none.
        https: the stage of its own https: `used`: it answers over https and http; `required`: over https only. It
            needs `tls` of the masters, whose certificates it uses. By default it has no https.
        https_port: the port for https; by default 8443.
        flags: further flags of Marathon, such as `{"failover_timeout": 86400}`. `True` becomes `--name`, and `False`
            becomes `--disable_name`.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, or a host twice; a port in use; a malformed chroot; a flag that the construct sets, that
            the release does not have, that closes the API, or that a variable sets as well; a release that is not
            compatible with the masters' release; a principal that the release or the cluster's secrets do not have;
            https without certificates, or with a release that cannot.
    """

    role = "marathon"
    listens_on = (
        Port(
            "port",
            PORT,
            {
                "control": "Marathon to its leader",
                "bastion": "The UI; and the check that Marathon serves, before a machine is replaced",
            },
        ),
        Port(
            "libprocess_port",
            LIBPROCESS_PORT,
            # Agents would send only messages of custom executors here. All else goes through the leading master.
            {"control": "Masters to Marathon scheduler (libprocess)"},
        ),
        Port(
            "https_port",
            HTTPS_PORT,
            {
                "control": "Marathon to its leader, over https",
                "bastion": "The UI over https; and the check that Marathon serves, before a machine is replaced",
            },
            optional=True,
        ),
    )
    http_port = "port"
    releases = RELEASES
    # A leader that stops gives up its leadership first, and closes its ZooKeeper session.
    grace_seconds = 20
    bumps = staticmethod(marathon_bumps)

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        masters: MesosMasterSet,
        image: str | Image,
        container_name: str | None = None,
        chroot: str = "/marathon",
        port: int = PORT,
        libprocess_port: int = LIBPROCESS_PORT,
        mesos_user: str = "root",
        principal: str | None = None,
        https: HttpsStage | None = None,
        https_port: int = HTTPS_PORT,
        flags: Mapping[str, str | int | float | bool] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        self._mesos_user, self._flags = mesos_user, flags or {}
        with_https = {"https_port": https_port} if https else {}
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"port": port, "libprocess_port": libprocess_port, **with_https},
            probe=health.probe(port, login_of(masters.security) if masters.security else None),
            uses=[masters],
            security=masters.security,
            tls=masters.tls,
            options=options,
        )
        family_name(self, self.image, _FAMILIES)
        self.masters = masters
        self.https = checked_https(self, https, https_port, self.tls, self.release, self._flags, options.environment)
        if self.https:
            self.probe = health.with_https(self.probe, self.https, [host.address for host in hosts])
        self.principal = checked_principal(self, principal, self.security, self.release)
        check_closing_flags(self, self._flags, options.environment, self.principal)
        if self.tls:
            check_tls(self, self.tls, options.environment)
        # The ids of the program's apps.
        self.app_ids: set[str] = set()
        # Service ports of the program's apps, and the apps.
        self.service_ports_of_apps: dict[int, str] = {}
        # The hosts of its load balancers, which listen on the service ports of apps.
        self.balanced_hosts: list[DockerHost] = []
        self.port = port
        self.zk = masters.zookeeper.url_of(self, chroot)
        self.add_members()
        if self.security and self.release >= ZK_LOGIN_FROM:
            for member in self.members:
                add_acls(member, masters.zookeeper, chroot, _ZNODES, self.security, self.role)
        elif self.security and self.security.reaches("required"):
            remedy = f"Use {ZK_LOGIN_FROM} or later, which logs in to ZooKeeper"
            warning = f"{self.node.path}: everybody may change {chroot} in ZooKeeper. {remedy}"
            Annotations.of(self.shown_on).add_warning(warning)

    @property
    def login(self) -> SecretFile | None:
        """The file with the login to its API, as HTTP sends it; None in an open cluster, where it needs none."""
        return self.probe.login

    @property
    def service_ports(self) -> tuple[int, int]:
        """The first and the last service port that it gives to apps."""
        first, last = (
            int(self._flags.get(name) or self.options.environment.get(f"MARATHON_{name.upper()}") or default)
            for name, default in _SERVICE_PORTS.items()
        )
        return first, last

    @property
    def urls(self) -> list[str]:
        """The URL of each instance, with https if it has it."""
        return [f"https://{host.hostname}:{self.https.port}" for host in self.hosts] if self.https else super().urls

    def user_of_service_port(self, port: int) -> str | None:
        """Who uses a port on a machine with a load balancer, in words; None if nobody does."""
        return next(filter(None, (host.claims.user_of(port) for host in self.balanced_hosts)), None)

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The instance's container on a host."""
        closed = closed_marathon(self.principal, self.security, release, self.zk)
        own_flags = {
            "master": self.masters.url,
            **({} if "MARATHON_ZK" in closed.variables else {"zk": self.zk}),
            "hostname": host.hostname,
            "http_address": host.address,
            "http_port": str(self.port),
            "mesos_user": self._mesos_user,
            **closed.flags,
            **(self.https.flags(host.address) if self.https else {}),
        }
        user_arguments = _arguments(self, release, self._flags, self.options.environment)
        # Its image may run as nobody. With downgrade, as masters get TLS one after another.
        certificate, labels = self.tls.files(host, key_mode="0444") if self.tls else ([], {})
        tls = tls_variables(self.tls, self.options.environment, downgrade=True) if self.tls else {}
        return ContainerSpec(
            environment={
                "LIBPROCESS_IP": host.address,
                "LIBPROCESS_PORT": str(self.ports["libprocess_port"]),
                # The start script of every release passes JAVA_OPTS to the virtual machine.
                **without_container_support("JAVA_OPTS", self.options),
                **tls,
            },
            # Without a script as it was before there were principals: the checks have a digest of the definition.
            entrypoint=scripts.words("marathon", KEYSTORE, START) if self.https else closed.start or (),
            # Arguments and not variables: up to 1.6, the image breaks variables that contain blanks or '='.
            command=[*(closed.words or (["--"] if self.https else [])), *_words(own_flags), *user_arguments],
            secrets=[*closed.files, *certificate, *([self.tls.ca] if self.tls else [])],
            labels=labels,
            # Marathon before 1.1 has none at the first stage.
            host_check=self._principal_check() if PRINCIPAL_FLAG in closed.flags else None,
        )

    @property
    def stage_check(self) -> StageCheck:
        """Whether the masters that run allow it to be brought to this stage of security; its image can ask them."""
        check = stage_check(_STAGE, self.security, self.masters.addresses(), self.masters.port)
        if self.https:
            return with_tls(check, self.tls, *([ALL_HAVE_HTTPS] if self.https.required else []))
        return asking_over_tls(check, self.tls, self.masters.port)

    def _principal_check(self) -> HostCheck | None:
        """Without a principal, nothing is checked: then it must be as it was before there was this setting."""
        if self.principal is None:
            return None
        masters = [f"{address}:{self.masters.port}" for address in self.masters.addresses()]
        instances = [f"{host.address}:{self.probe.port}" for host in self.hosts]
        name = self._flags.get("framework_name") or self.options.environment.get("MARATHON_FRAMEWORK_NAME")
        return principal_check(self.principal, str(name or "marathon"), masters, instances)

    def refuse_redeploy(self, member: Member, deployed: DeployedMember) -> str | None:
        """A stage of https that was skipped, and a principal that is no longer in the program.

        The principal that the masters' frameworks have is checked before a deploy.
        """
        if problem := skips_https(deployed.command, member.command):
            return problem
        was, wanted = _principal_in(deployed.command), _principal_in(member.command)
        if was in (None, wanted):
            return None
        return (
            f"Marathon has the principal {was!r}, which a Marathon that masters know cannot lose or change. Keep it: "
            f"set its principal to {was!r}"
        )

    def gains_principal(self, deployed: DeployedMember) -> bool:
        """Whether the program gives a principal to a Marathon that was deployed without one."""
        return self.principal is not None and _principal_in(deployed.command) is None


def _principal_in(arguments: Iterable[str]) -> str | None:
    """The principal in Marathon's arguments."""
    words = [*arguments]
    flag = f"--{PRINCIPAL_FLAG}"
    return words[words.index(flag) + 1] if flag in words else None


def _words(flags: Mapping[str, str | None]) -> list[str]:
    """The arguments for flags. One without a value is switched on."""
    return [word for flag, value in flags.items() for word in (f"--{flag}", value) if word is not None]


def _arguments(
    role: Construct,
    release: Release,
    flags: Mapping[str, str | int | float | bool],
    environment: Collection[str],
) -> list[str]:
    words: list[str] = []
    for name, value in flags.items():
        argument = f"flags[{name!r}]"
        if name.removeprefix("disable_") in _RESERVED_FLAGS:
            remedy = "Use the arguments of the construct instead: it sets this flag itself"
            raise invalid(role, argument, shown(name, value), remedy)
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            remedy = "Use the name of a flag of Marathon, in lower case and without dashes"
            raise invalid(role, argument, shown(name, value), remedy)
        if why := why_not(name.removeprefix("disable_"), release):
            raise invalid(role, argument, shown(name, value), f"Use a flag of Marathon {release}. {why}")
        if not isinstance(value, str | int | float):
            raise invalid(role, argument, shown(name, value), "Use text, a number, True or False")
        words += (
            [f"--{name}", str(value)] if not isinstance(value, bool) else [f"--{'' if value else 'disable_'}{name}"]
        )
    for variable in environment:
        flag = variable.removeprefix("MARATHON_").lower()
        if variable.startswith("MARATHON_") and (flag in _RESERVED_FLAGS or flag in flags):
            remedy = "Remove it: this flag is set as an argument, and Marathon refuses a flag that is set twice"
            raise invalid(role, "options.environment", variable, remedy)
    return words
