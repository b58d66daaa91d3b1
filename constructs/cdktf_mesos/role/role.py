"""The base class of all roles: hosts, image, ports, health and members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from constructs import Construct

from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.compatibility.check import check_compatibility
from cdktf_mesos.compatibility.rule import Facts, numbers
from cdktf_mesos.compatibility.running import forbidden
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member, check_name, run_member
from cdktf_mesos.container.names import FOR_COMMANDS
from cdktf_mesos.container.options import ContainerOptions, image_for_checks
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.checks import (
    check_hosts,
    check_odd,
    check_port,
    check_reachable,
    read_image,
    require_same_configuration_on,
)
from cdktf_mesos.role.docker_command import DockerCommand
from cdktf_mesos.role.ports import Port, Ports
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.security.security import Security
from cdktf_mesos.security.stage import StageCheck
from cdktf_mesos.tls.tls import Tls

if TYPE_CHECKING:
    from cdktf_mesos.roll.deployed import DeployedMember


class Role(Construct):
    """A set of members: one container on each host.

    A role of your own is a subclass. It sets the class attributes below and defines `container`. Its constructor calls
    `super().__init__`, then `add_members`. The rest of the library takes all that it needs from there: containers,
    health checks, preflights, the machine check, the preview, firewall rules, and the changes of release to refuse.

    Args:
        scope: where the role's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts of its members.
        image: the image that the members run.
        probe: how to find out whether a member serves.
        container_name: name of the containers; by default `id_`. It must not begin with `mesos-`, since agents take
            such containers for tasks and end them.
        ports: the ports that members listen on, by the arguments that set them; by default there are none.
        uses: the roles that this one needs; their releases must be compatible with its own. On the same stack their
            members start first. By default there are none.
        leaving: hosts whose members end with the next deploy. They get no container, but their preflights check that
            the members may leave. By default there are none.
        security: the cluster's security; by default it is open.
        tls: the cluster's TLS; by default there is none.
        options: the user's options for the containers.

    Raises:
        ValueError: there are no hosts, a host is there twice, or a quorum has an even number of hosts; an address or
            host name is a loopback one, though members are on several machines; the image or the name is malformed;
            the release is older than the first of `releases`.
    """

    role: ClassVar[str]
    """The role's name: a label of its containers, and part of the names of its checks."""

    machines: ClassVar[str] = "control"
    """The group of machines that its members are on, `control` or `agents`. Firewall rules are between groups."""

    listens_on: ClassVar[Sequence[Port]] = ()
    """The ports that members listen on, and who connects to them."""

    http_port: ClassVar[str | None] = None
    """The argument of the port that answers HTTP; None if no port does."""

    releases: ClassVar[Sequence[tuple[int, int]]] = ()
    """The minor releases whose configuration it knows, oldest first; empty if all releases have the same one."""

    has_quorum: ClassVar[bool] = False
    """Whether the set needs a majority of its members. An even number of members is then refused."""

    runs_tasks: ClassVar[bool] = False
    """Whether members run tasks on their host's engine. The machine check then checks what tasks need."""

    grace_seconds: int = 10
    """How long a container may take to stop, in seconds, unless the options set it; 10 is Docker's default."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        image: str | Image,
        probe: Probe,
        container_name: str | None = None,
        ports: Mapping[str, int] | None = None,
        uses: Sequence[Role] = (),
        leaving: Sequence[DockerHost] = (),
        security: Security | None = None,
        tls: Tls | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts, leaving)
        if self.has_quorum:
            check_odd(self, hosts)
        self.hosts = list(hosts)
        self.image = read_image(self, image)
        self.image_for_checks = image_for_checks(self, options, self.image)
        self.container_name = check_name(self, "container_name", container_name or id_)
        self.ports = dict(ports or {})
        self.probe = probe
        self.uses = list(uses)
        self.leaving = list(leaving)
        check_reachable(self, self._all_hosts())
        self.security, self.tls = security, tls
        self.options = options
        self.members: list[Member] = []
        self.release = self.image.parsed_release()
        if self.releases and (self.release.major, self.release.minor) < self.releases[0]:
            oldest = ".".join(map(str, self.releases[0]))
            raise invalid(self, "image", str(self.image), f"Use release {oldest} or later, not {self.release}")

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """What the role decides about the member's container on a host, for a release of the image.

        It is also called for other releases than the image's. A plan refuses a release as the pin's value if it gets
        another configuration. It may raise ValueError for a release that cannot be configured.
        """
        raise NotImplementedError

    def add_members(self) -> None:
        """Put a container on each host. The constructor of a role calls this last."""
        check_compatibility(self, "image", str(self.image), self.facts(), self.role, shown_on=self.shown_on)
        addresses = [host.address for host in self.hosts]
        checked = set()
        configurations: dict[str, Callable[[Release], object]] = {}
        for host in self.hosts:
            self.claim(host)
            spec = self.container(host, self.release)
            self.members.append(
                run_member(
                    self,
                    host,
                    role=self.role,
                    name=self.container_name,
                    image=self.image,
                    spec=spec,
                    health_test=spec.health_test or self.probe.health_test(host.address, addresses),
                    secrets_of_checks=self.probe.secrets,
                    grace_seconds=self.grace_seconds,
                    options=self.options,
                    stage=self.security.stage if self.security else None,
                    depends_on=self.starts_after(host),
                )
            )
            self._tell_commands(host, self.members[-1])
            # Once for each stack is enough: what depends on the release is the same on all hosts of which the same is
            # known. They share what was found out, as a configuration for each release takes long.
            if host.stack not in checked:
                checked.add(host.stack)
                configuration = configurations.setdefault(repr(host.facts), self._configuration_on(host))
                require_same_configuration_on(host, self, self.image, self.releases, configuration)

    def _tell_commands(self, host: DockerHost, member: Member) -> None:
        """Write what `cdktf-mesos status` and `maintain` need to know of a member."""
        known = {
            "set": self.node.path,
            "runs_tasks": self.runs_tasks,
            "version": self.image.default_version(),
            "release": str(self.release),
            "address": f"{host.address}:{self.probe.port}",
            "script": self.probe.status_script(),
            "arguments": self.probe.status_arguments(host.address),
            # What `cdktf-mesos maintain` asks the set, in the form of `Probe.may_be_replaced`.
            "place": self.hosts.index(host),
            "forms_with": self.probe.forms_with(len(self.hosts)) if self.probe.forms_with else 0,
            "waits": self.probe.waits,
            **({"tls": self.tls.stage} if self.tls and self.probe.ca else {}),
        }
        member.container.add_override(f"//.{FOR_COMMANDS}", known)

    def claim(self, host: DockerHost) -> None:
        """Reserve the ports of a member on its machine, so that no other member uses them."""
        protocols = {port.argument: port.protocols for port in self.listens_on}
        for argument, number in self.ports.items():
            check_port(self, host, argument, number, protocols.get(argument, ("tcp",)))

    def starts_after(self, host: DockerHost) -> list[ITerraformDependable]:
        """What must serve before the member on a host starts: the members of a set that is whole in the same stack.

        A set that is spread over stacks serves without its member on this host, so the two start at the same time.
        """
        return [
            member.serves
            for role in self.uses
            if all(member.host.stack is host.stack for member in role.members)
            for member in role.members
        ]

    def features(self) -> frozenset[str]:
        """The features in use that rules about releases depend on (`Facts.features`)."""
        return frozenset()

    def facts(self) -> Facts:
        """Its release and those of the roles that it uses, directly or indirectly."""
        return Facts.of(self._releases(), repository=self.image.repository, features=self.features())

    @property
    def stage_check(self) -> StageCheck | None:
        """Whether a member may be brought to the program's stages of security and TLS; None if it always may."""
        return None

    def check_before_leaving(self, host: DockerHost) -> HostCheck | None:
        """What must be true on a host before its member leaves for good; None if nothing must."""
        return None

    def refuse_redeploy(self, member: Member, deployed: DeployedMember) -> str | None:
        """Why a member would not start in place of the deployed one, and what to do; None if it would start."""
        return None

    @staticmethod
    def bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
        """The problems of a change of release, the most serious first.

        Args:
            deployed: the release that members run.
            wanted: the release that they are to run.
            rolling: whether other members keep running meanwhile. Some changes are safe only if all members stop first.
        """
        return iter(())

    @classmethod
    def judge_bump(cls, deployed: Release, wanted: Release, *, rolling: bool = True) -> Bump | None:
        """The most serious problem of a change of release; the arguments are those of `bumps`."""
        if numbers(deployed) == numbers(wanted):
            return None
        return next(cls.bumps(deployed, wanted, rolling), None)

    @cached_property
    def forbidden_before(self) -> str:
        """The releases that its own release must not follow, in the form of `compatibility.running`."""
        rolling = len(self.members) + len(self.leaving) > 1
        return forbidden(partial(self.judge_bump, rolling=rolling), self.release, self.releases)

    @classmethod
    def reached(cls, **numbers: int) -> list[Ports]:
        """The ports of its members, with the groups of machines that connect to them.

        Args:
            numbers: port numbers other than the defaults, by the arguments that set them. An optional port is there
                only if its number is given.

        Raises:
            ValueError: an argument does not set a port.
        """
        known = {port.argument: port for port in cls.listens_on}
        for argument, number in numbers.items():
            if argument not in known:
                remedy = f"Remove it: the arguments that set ports are {', '.join(known)}"
                raise invalid(cls.__name__, argument, number, remedy)
        return [
            Ports(cls.machines, source, number, port.last or number, why, protocol)
            for port in cls.listens_on
            if port.argument in numbers or not port.optional
            for number in [numbers.get(port.argument, port.number)]
            for source, why in port.reached_from.items()
            for protocol in port.protocols
        ]

    @property
    def images(self) -> list[Image]:
        """The images that a machine with a member needs."""
        return [self.image]

    @property
    def files(self) -> Mapping[str, str]:
        """Files that a member's machine must have: SHA-256 digests by absolute path."""
        return {}

    @property
    def docker_commands(self) -> Sequence[DockerCommand]:
        """The docker commands with which its members start tasks."""
        return ()

    @property
    def name_servers(self) -> Sequence[str]:
        """Addresses of name servers that depend on the cluster. The machine check refuses them as the engine's own."""
        return ()

    @property
    def needs_cgroup(self) -> Mapping[int, str]:
        """What in its members needs a version of cgroups, in words, by that version."""
        return {}

    @property
    def urls(self) -> list[str]:
        """The URL of each member, with https if it has TLS; empty if `http_port` is None."""
        if self.http_port is None:
            return []
        scheme = "https" if self.probe.ca else "http"
        return [f"{scheme}://{member.host.hostname}:{self.ports[self.http_port]}" for member in self.members]

    @property
    def shown_on(self) -> DockerHost:
        """The construct that its warnings are added to: cdktf shows only warnings of constructs in a stack."""
        return [*self.hosts, *self.leaving][0]

    def members_on(self, address: str) -> list[Member]:
        """The members on the machine with the given address: one at most."""
        return [member for member in self.members if member.host.address == address]

    def addresses(self, without: Collection[str] = ()) -> list[str]:
        """The addresses of its members in their order, but not those in `without`."""
        return [member.host.address for member in self.members if member.host.address not in without]

    def _all_hosts(self) -> list[DockerHost]:
        """Its hosts, and those of the roles that it uses, directly or indirectly."""
        used = [host for role in self.uses for host in role._all_hosts()]
        return [*self.hosts, *self.leaving, *used]

    def _releases(self) -> dict[str, Release]:
        found: dict[str, Release] = {}
        for role in self.uses:
            found |= role._releases()
        return {**found, self.role: self.release}

    def _configuration_on(self, host: DockerHost) -> Callable[[Release], object]:
        known: dict[object, object] = {}

        def configuration(release: Release) -> object:
            # Releases are equal if their minor releases are.
            key = (release, release.patch, release.text)
            if key not in known:
                try:
                    known[key] = self.container(host, release)
                except ValueError as refusal:  # a release that cannot be configured counts as another configuration
                    known[key] = str(refusal)
            return known[key]

        return configuration
