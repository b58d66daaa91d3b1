"""Mesos-DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import ContainerSpec, HostCheck
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent import container_dns
from cdktf_mesos.mesos.agent.container_dns import ContainerDns
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.mesos_dns.configuration import (
    REFRESH_SECONDS,
    STATE_TIMEOUT_SECONDS,
    TIMEOUT_SECONDS,
    TTL,
    Configuration,
)
from cdktf_mesos.mesos_dns.names import check_domain, check_names, framework_labels, label, task_name
from cdktf_mesos.mesos_dns.settings import RELEASES, SettingValue, setting
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.role.role import Role

# The default ports: for DNS, and for the HTTP API.
PORT, HTTP_PORT = 53, 8123


@dataclass(frozen=True)
class _Family:
    """Images that are configured in the same way.

    Args:
        config: the path of the configuration in the container.
        command: the whole command.
        user: the user that it runs as; by default the image's.
    """

    config: str
    command: Sequence[str]
    user: str | None = None

    @property
    def ca(self) -> str:
        """The path of the certificate of the masters' authority."""
        return str(PurePosixPath(self.config).with_name("ca.pem"))


# From the images' builds: mesosphere/mesos-dns-pkg, and the Dockerfile of AVENTER-UG/mesos-dns.
_FAMILIES = {
    # Without -logtostderr, the library for logs writes files to /tmp. This image has no /tmp, which ends the process.
    "mesosphere": _Family("/config.json", ("/usr/bin/mesos-dns", "-logtostderr", "-config=/config.json")),
    # The image's own user cannot listen on a port below 1024 in the host's network.
    "avhost": _Family("/app/config.json", ("./main", "-logtostderr", "-config=/app/config.json"), user="0"),
}
_REPOSITORIES = {name: (f"{name}/mesos-dns",) for name in _FAMILIES}

_HERE = Path(__file__).parent

# The first release that has mesosCredentials (records/config.go of mesosphere/mesos-dns, tag by tag).
_LOGS_IN_FROM = Release(0, 6)

# The first release that has mesosHTTPSOn and caCertFile (the same file).
_ASKS_OVER_TLS_FROM = Release(0, 6)


class MesosDns(Role):
    """Mesos-DNS: names for the tasks of a Mesos cluster, on each host the same ones.

    A task of the app `/shop/cart` is `cart-shop.marathon.<domain>`, the leading master `leader.<domain>`. Members know
    nothing of each other, so there may be any number. Clients ask the next one if one does not answer.

    The images have no shell, so `options.gate_image` must be set: the gate asks a new member for `leader.<domain>`, and
    the deploy goes on to the next member only when it has got an address.

    Args:
        scope: where the construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts. A member listens at the host's own address, so a name server at another address of the host,
            such as systemd-resolved's 127.0.0.53, is not in its way.
        leaving: hosts whose members the next deploy removes; by default there are none.
        masters: the masters whose tasks get names.
        image: such as `avhost/mesos-dns:v0.9.4`, or for Mesos before 1.8 `mesosphere/mesos-dns:v0.6.0`. The families
            are `mesosphere` and `avhost`.
        resolvers: IPv4 addresses of the name servers that are asked for all other names, in this order. With an empty
            list, questions for other names are refused. Must be given, except with `config_file`.
        container_name: name of the containers; by default `id_`.
        domain: the domain of all names; by default `mesos`.
        port: the port for DNS, by TCP and UDP; by default 53.
        http_port: the port of the HTTP API; by default 8123. It needs no password, and shows the configuration. In a
            cluster with security there is none from the stage `used` on, as it would show the secret.
        zone_resolvers: name servers for certain other domains, from release 0.7 on; by default there are none.
        ip_sources: where the address of a task comes from, the first that has one: `host` (its agent's), `netinfo` (its
            container's), `mesos` and `docker` (old labels). By default `host`: addresses of containers on a bridge
            cannot be reached from other machines.
        ttl: how long clients may keep an answer, in seconds; by default 10.
        refresh_seconds: how often the state of the masters is read, in seconds; by default 10.
        timeout_seconds: how long a resolver may take, in seconds; by default 2.
        state_timeout_seconds: how long a master may take to send its state, in seconds; by default 15.
        settings: further keys of the configuration, such as `{"enforceRFC952": True}`; by default there are none.
        config_file: the path, on each host, of a file with the whole configuration, for one with a secret
            (`mesosCredentials`). Of the other arguments of the configuration, only `domain`, `port` and `http_port` may
            then be set, and must be as in the file. By default the construct writes the configuration.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, or a host twice; a port in use; a malformed domain or address; an unknown source of
            addresses; a resolver that would ask Mesos-DNS; a key that the release does not have, or with a value of
            the wrong kind; a machine of Mesos-DNS, the masters or ZooKeeper with a name below the domain; an unknown
            family; a release that does not understand the masters; masters that need a password, and a release
            that has none; a configuration by `settings` that sets another login; no gate image.
    """

    role = "mesos_dns"
    listens_on = (
        Port(
            "port",
            PORT,
            {
                "control": "Names of tasks (DNS)",
                "agents": "Names of tasks (DNS)",
                "bastion": "The check that Mesos-DNS serves, before a machine is replaced",
            },
            protocols=("tcp", "udp"),
        ),
        Port(
            "http_port",
            HTTP_PORT,
            {
                "control": "HTTP API of Mesos-DNS",
                "agents": "HTTP API of Mesos-DNS",
                "bastion": "HTTP API of Mesos-DNS",
            },
        ),
    )
    http_port = "http_port"
    releases = RELEASES

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        leaving: Sequence[DockerHost] = (),
        masters: MesosMasterSet,
        image: str | Image,
        resolvers: Sequence[str] | None = None,
        container_name: str | None = None,
        domain: str = "mesos",
        port: int = PORT,
        http_port: int = HTTP_PORT,
        zone_resolvers: Mapping[str, Sequence[str]] | None = None,
        ip_sources: Sequence[str] = ("host",),
        ttl: int = TTL,
        refresh_seconds: int = REFRESH_SECONDS,
        timeout_seconds: int = TIMEOUT_SECONDS,
        state_timeout_seconds: int = STATE_TIMEOUT_SECONDS,
        settings: Mapping[str, SettingValue] | None = None,
        config_file: str | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        where = f"{scope.node.path}/{id_}"
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"port": port, "http_port": http_port},
            probe=Probe(port, _HERE / "questions.sh", f"leader.{check_domain(where, 'domain', domain)}"),
            uses=[masters],
            leaving=leaving,
            security=masters.security,
            tls=masters.tls,
            options=options,
        )
        self.masters, self.domain, self.port = masters, domain, port
        self._family = _FAMILIES[family_name(self, self.image, _REPOSITORIES)]
        if options.gate_image is None:
            remedy = "Set an image with bash, grep and coreutils, in which its checks run: its own image has no shell"
            raise invalid(self, "options.gate_image", None, remedy)
        check_names(self, [*self._all_hosts(), *masters.hosts, *masters.zookeeper.hosts], domain)
        self._config_file = config_file
        self._configuration = Configuration(
            resolvers,
            zone_resolvers or {},
            tuple(ip_sources),
            ttl,
            refresh_seconds,
            timeout_seconds,
            state_timeout_seconds,
            settings or {},
        )
        if config_file is not None:
            path_without_blanks(self, "config_file", config_file)
            self._configuration.check_unset(self)
        else:
            members = [host.address for host in self._all_hosts()]
            self._configuration.check(self, self.release, members, domain, port)
            self._check_login()
            self._check_tls()
        self.add_members()

    def _check_login(self) -> None:
        if not self.logs_in:
            return
        if self.release < _LOGS_IN_FROM:
            remedy = f"Use release {_LOGS_IN_FROM} or later: this one cannot read the state of masters with a password"
            raise invalid(self, "image", str(self.image), remedy)
        if (value := setting(self._configuration.settings, "mesosAuthentication")) is not None:
            remedy = "Remove it: the cluster's security has the login"
            raise invalid(self, "settings['mesosAuthentication']", value, remedy)

    def _check_tls(self) -> None:
        if self.tls is None:
            return
        if self.release < _ASKS_OVER_TLS_FROM:
            remedy = f"Use release {_ASKS_OVER_TLS_FROM} or later: this one cannot ask masters over TLS"
            raise invalid(self, "image", str(self.image), remedy)
        for name in ("mesosHTTPSOn", "caCertFile", "certFile", "keyFile"):
            if (value := setting(self._configuration.settings, name)) is not None:
                raise invalid(self, f"settings[{name!r}]", value, "Remove it: the masters' tls decides this")

    @property
    def logs_in(self) -> bool:
        """Whether it reads the masters' state with a login: from the stage `used` on, when all masters know it."""
        return self.security is not None and self.security.reaches("used")

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The member's container on a host."""
        family = self._family
        common = ContainerSpec(environment={}, command=family.command, user=family.user)
        if self._config_file is not None:
            file = PurePosixPath(self._config_file)
            script = scripts.joined(_HERE / "config_file.sh")
            # The directory, as the engine would make a missing file as a directory.
            directory = Mount(str(file.parent), "/host", read_only=True)
            return replace(
                common,
                mounts=[Mount(self._config_file, family.config, read_only=True)],
                host_check=HostCheck(script, [directory], {"CONFIG_FILE": str(file), "SEEN_AT": f"/host/{file.name}"}),
            )
        # The oldest login of the probes, which all masters know.
        login = self.security.all_of("probe")[0] if self.security and self.logs_in else None
        text = self._configuration.text(
            release,
            zookeeper_url=self.masters.url,
            address=host.address,
            domain=self.domain,
            port=self.port,
            http_port=self.ports["http_port"],
            login=login,
            ca_file=family.ca if self.tls else None,
        )
        if self.tls:
            common = replace(common, secrets=[replace(self.tls.ca, path=family.ca)], labels=self.tls.labels)
        if self.security and login:
            name = f"mesos-dns-{host.address}.json"
            secret = self.security.file(family.config, name, text, mode="0444")
            return replace(common, secrets=[secret, *common.secrets])
        return replace(common, files={family.config: text})

    def app_name(self, app_id: str, framework: str = "marathon") -> str:
        """The name of an app's tasks: `cart-shop.marathon.<domain>` for `/shop/cart`."""
        return f"{label(task_name(app_id), rfc952=self.enforces_rfc952)}.{self.framework_name(framework)}"

    def framework_name(self, framework: str) -> str:
        """The name of a framework's scheduler: `marathon.<domain>`. Names of its tasks end with it."""
        return f"{framework_labels(framework, rfc952=self.enforces_rfc952)}.{self.domain}"

    @property
    def enforces_rfc952(self) -> bool:
        """Whether a label has 24 characters at most, and begins with a letter (the setting `enforceRFC952`)."""
        return setting(self._configuration.settings, "enforceRFC952") is True

    @property
    def container_dns(self) -> ContainerDns:
        """What agents give to the containers of their tasks, so that these ask the members.

        Raises:
            ValueError: the port is not 53, the only one that a container asks.
        """
        if self.port != PORT:
            raise invalid(self, "port", self.port, f"Use {PORT}: in a container, a name server has no other port")
        return ContainerDns(self.addresses(), options=container_dns.OPTIONS)

    @property
    def name_servers(self) -> list[str]:
        """The members' addresses, which must not be the engine's name servers."""
        return self.addresses()
