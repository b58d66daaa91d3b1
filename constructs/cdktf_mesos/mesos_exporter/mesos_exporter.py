"""mesos_exporter: the metrics of masters and agents for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import ContainerSpec
from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent.pool import MesosAgentPool
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.ports import PROMETHEUS, Port
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.role.role import Role
from cdktf_mesos.security.files import SecretFile

# The default ports. That of masters is the program's own (main.go of mesos/mesos_exporter, flag addr). Agents have
# another one, for agents on the machine of a master.
MASTER_PORT, AGENT_PORT = 9105, 9106

S = TypeVar("S", MesosMasterSet, MesosAgentPool)

_WHY = "Metrics of Mesos (mesos_exporter)"

# Flags that the construct sets itself, and flags with a secret, which would be in the state and in the process list.
_RESERVED = ("addr", "master", "slave", "trustedCerts")
_SECRET = ("username", "password", "privateKey")

# Where credentials.sh reads the login, in the container.
_LOGIN = "/credentials"

# Where it reads the certificate of the authority, in the container.
_CA = "/ca.pem"

_CREDENTIALS = Path(__file__).with_name("credentials.sh")


class MesosExporter(Role, Generic[S]):
    """mesos_exporter next to each member of a set: it turns `/metrics/snapshot` into metrics for Prometheus.

    Use `MasterExporter` or `AgentExporter`. A member serves while it answers, also if its master or agent does not:
    Prometheus then sees that its metrics are 0. The image has no bash, so checks run in `options.gate_image`, by
    default in the image of the masters or agents. In a cluster with `security` it logs in as `probe`.

    Args:
        scope: where the construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        of: the masters or agents.
        image: such as `mesosphere/mesos_exporter:v1.0.0`, whose program is `/bin/mesos-exporter`.
        port: port of the members; by default 9105 for masters, and 9106 for agents, which may be on the same machine.
        container_name: name of the containers; by default `id_`.
        flags: further flags of the exporter, without `-`, such as `{"enableMasterState": False}` (from 1.1); by
            default there are none.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: a port in use; a flag that the construct sets, or with a secret.
    """

    flag: ClassVar[str]
    """The exporter's flag with the URL of the master or agent."""

    http_port = "port"

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        of: S,
        image: str | Image,
        port: int | None = None,
        container_name: str | None = None,
        flags: Mapping[str, str | int | bool] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        port = self.listens_on[0].number if port is None else port
        super().__init__(
            scope,
            id_,
            hosts=of.hosts,
            image=image,
            container_name=container_name,
            ports={"port": port},
            probe=Probe.http(port, "/"),
            uses=[of],
            tls=of.tls,
            options=options if options.gate_image else replace(options, gate_image=of.image_for_checks),
        )
        self._of: MesosMasterSet | MesosAgentPool = of
        self._flags = flags or {}
        for name, value in self._flags.items():
            _check_flag(self, name, value)
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The exporter's container on a host."""
        tls = self._of.tls
        url = f"{'https' if tls else 'http'}://{host.address}:{self._of.port}"
        words = [f"-addr={host.address}:{self.ports['port']}", f"-{self.flag}={url}"]
        words += [f"-trustedCerts={_CA}"] if tls else []
        words += [f"-{name}={_text(value)}" for name, value in self._flags.items()]
        ca: list[SecretFile] = [replace(tls.ca, path=_CA)] if tls else []
        labels = tls.labels if tls else {}
        if self._of.security is None:
            return ContainerSpec(environment={}, command=words, secrets=ca, labels=labels)
        probe = self._of.security.oldest("probe")
        return ContainerSpec(
            environment={},
            entrypoint=["/bin/sh", "-c", scripts.joined(_CREDENTIALS), "mesos-exporter"],
            command=words,
            secrets=[self._of.security.file(_LOGIN, "exporter-login", f"{probe.principal}:{probe.secret}"), *ca],
            labels=labels,
            # The image's own user could not read a file that only root may read.
            user="0:0",
        )

    @property
    def targets(self) -> list[str]:
        """What Prometheus scrapes: `address:port` of each member."""
        return [f"{address}:{self.ports['port']}" for address in self.addresses()]


class MasterExporter(MesosExporter[MesosMasterSet]):
    """mesos_exporter next to each master; see `MesosExporter`."""

    role = "master_exporter"
    listens_on = (Port("port", MASTER_PORT, {PROMETHEUS: _WHY}),)
    flag = "master"


class AgentExporter(MesosExporter[MesosAgentPool]):
    """mesos_exporter next to each agent; see `MesosExporter`."""

    role = "agent_exporter"
    machines = "agents"
    listens_on = (Port("port", AGENT_PORT, {PROMETHEUS: _WHY}),)
    # An agent is a slave in the exporter's flags, and in the names of its metrics.
    flag = "slave"


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_flag(role: Construct, name: str, value: object) -> None:
    argument = f"flags[{name!r}]"
    if name in _RESERVED:
        remedy = "Use the arguments of the construct instead: it sets this flag itself"
        raise invalid(role, argument, value, remedy)
    if name in _SECRET:
        remedy = "Remove it: it would be in the state. With `security` the exporter logs in by itself"
        raise invalid(role, argument, "…", remedy)
    if not name.isalnum() or not isinstance(value, str | int):
        remedy = "Use the name of a flag without '-', with text, a number, True or False"
        raise invalid(role, argument, value, remedy)
