"""The load balancer for Marathon's apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import ContainerSpec, HostCheck
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.load_balancer import health, templates
from cdktf_mesos.load_balancer.checks import (
    check_domain,
    check_groups,
    check_login,
    check_options,
    check_path,
)
from cdktf_mesos.load_balancer.flags import RELEASES, arguments
from cdktf_mesos.marathon.closed import balancer_login_of
from cdktf_mesos.marathon.marathon import Marathon
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role

HTTP_PORT, HTTPS_PORT = 80, 443

DRAIN_SECONDS, FINISH_SECONDS, HARD_STOP_SECONDS = 20, 30, 600

_FAMILIES = {"mesosphere": ("mesosphere/marathon-lb",), "avhost": ("avhost/marathon-lb",)}

_HERE = Path(__file__).parent
_FILES, _ENTRYPOINT, _SETTLED = (_HERE / name for name in ("files.sh", "entrypoint.sh", "settled.sh"))
# Where the files of the host are in the container.
_CERTIFICATES, _LOGIN = "/etc/marathon-lb/certificates", "/etc/marathon-lb/login"
# The file with the login of a cluster with security. Its directory is in every image.
_SECRET_LOGIN = "/etc/cdktf-mesos.marathon"

# Marathon has events as a stream from this release on (changelog, 0.9.0; marathon-lb's README asks for 0.11).
_EVENTS_FROM = Release(0, 11)
# Without a stream of events, the time between two readings of the apps, in seconds.
_POLL_SECONDS = 10


class MarathonLb(Role):
    """marathon-lb: haproxy with a configuration that follows Marathon's apps, on each host.

    An app is reached by its name, `http://<app>.<domain>`, without labels: `/shop/cart` at `cart.shop.<domain>` and
    `cart-shop.<domain>`. Hosts that an app names by the label `HAPROXY_0_VHOST` are served as its labels say. Each app
    is also reached at its service port. All ports listen on all addresses of the host.

    Reloads of haproxy keep connections. A member that is replaced first stops to answer health checks on 9090, so that
    a balancer in front sends requests to the others. Then it waits for open connections.

    Args:
        scope: where the construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts; two or more, so that one can be replaced.
        marathon: the Marathon whose apps are reached.
        image: such as `mesosphere/marathon-lb:v1.15.0`. Families: `mesosphere` and `avhost`, from release 1.12 on.
        groups: apps are reached only if their label `HAPROXY_GROUP` names one of these groups. `*` is for all apps,
            also those without the label: then everything that runs is exposed.
        domain: the domain of the names of apps, such as `apps.example.com`; its wildcard `*.<domain>` must lead to the
            load balancers. By default apps are reached only as their labels say.
        certificates: a directory on the hosts with certificates for https: PEM files, each with a certificate and its
            key. The first one by name is the default. By default marathon-lb makes a certificate of its own, which
            no client trusts.
        credentials_file: a file on the hosts with one line `user:password` for Marathon, if that wants a password
            without the cluster's security, such as behind a proxy. By default there is none. In a cluster with security
            the load balancers log in by themselves.
        http_port: the port for http.
        https_port: the port for https.
        drain_seconds: how long requests are still served after health checks have got no more answer, in seconds. It
            must be longer than a balancer in front needs to notice. By default 20.
        finish_seconds: how long open connections may then take to end, in seconds; by default 30.
        hard_stop_seconds: how long connections may keep an old process of haproxy after a reload, in seconds; by
            default 600.
        flags: further options of marathon-lb by their names without `--`, such as `{"strict-mode": True}`.
        container_name: name of the containers; by default `id_`.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, or a host twice; no groups; a malformed domain; a port in use, or a service port of
            Marathon; a path that is not absolute; a file with a login in a cluster with security; an option
            that the construct sets, or that the release does not have; a secret in the environment; a release that is
            not compatible with Marathon's.
    """

    role = "marathon_lb"
    machines = "agents"
    listens_on = (
        Port("http_port", HTTP_PORT, {"control": "Apps by name", "agents": "Apps by name"}),
        Port("https_port", HTTPS_PORT, {"control": "Apps by name, https", "agents": "Apps by name, https"}),
        Port(
            "stats_port",
            health.STATS_PORT,
            {
                "load_balancers": "The check that other load balancers serve, before one is replaced",
                "bastion": "Statistics of load balancers",
            },
        ),
        Port("app_id_port", health.APP_ID_PORT, {"agents": "Apps by a header with their id"}),
    )
    http_port = "http_port"
    releases = RELEASES

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        marathon: Marathon,
        image: str | Image,
        groups: Sequence[str],
        domain: str | None = None,
        certificates: str | None = None,
        credentials_file: str | None = None,
        http_port: int = HTTP_PORT,
        https_port: int = HTTPS_PORT,
        drain_seconds: int = DRAIN_SECONDS,
        finish_seconds: int = FINISH_SECONDS,
        hard_stop_seconds: int = HARD_STOP_SECONDS,
        flags: Mapping[str, str | int | bool] | None = None,
        leaving: Sequence[DockerHost] = (),
        container_name: str | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            leaving=leaving,
            image=image,
            container_name=container_name,
            ports={
                "http_port": http_port,
                "https_port": https_port,
                "stats_port": health.STATS_PORT,
                "app_id_port": health.APP_ID_PORT,
            },
            probe=health.probe(),
            uses=[marathon],
            security=marathon.security,
            options=options,
        )
        self.marathon = marathon
        self.groups = check_groups(self, groups)
        self.domain = check_domain(self, domain)
        self._certificates = check_path(self, "certificates", certificates)
        self._credentials_file = check_path(self, "credentials_file", credentials_file)
        check_login(self, marathon, credentials_file)
        check_options(self, options)
        self._flags = flags or {}
        self._seconds = drain_seconds, finish_seconds
        self._hard_stop_seconds = hard_stop_seconds
        check_whole(self, "drain_seconds", drain_seconds, 0)
        check_whole(self, "finish_seconds", finish_seconds, 0)
        check_whole(self, "hard_stop_seconds", hard_stop_seconds)
        # More than the wrapper needs for draining, ending connections and ending marathon-lb.
        self.grace_seconds = drain_seconds + finish_seconds + 15
        self._family = family_name(self, self.image, _FAMILIES)
        self.add_members()
        # haproxy cannot listen on ports that others use on its machines.
        marathon.balanced_hosts += hosts
        for port, app in marathon.service_ports_of_apps.items():
            if user := marathon.user_of_service_port(port):
                remedy = f"Use another service port for this app: {user}, on a machine with a load balancer"
                raise invalid(self, "marathon", f"service port {port} of {app}", remedy)

    def claim(self, host: DockerHost) -> None:
        """Reserve its ports and the service ports of apps, so that no other member listens on one of them."""
        super().claim(host)
        host.claims.listen(*self.marathon.service_ports, self)

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The load balancer's container on a host."""
        drain_seconds, finish_seconds = self._seconds
        has_events = self.marathon.release >= _EVENTS_FROM
        mounts, certificates, login = [], "-", "-"
        words = ["sse" if has_events else "poll", "--marathon", *self._marathon_urls()]
        for group in self.groups:
            words += ["--group", group]
        words += ["--health-check"]
        if self._certificates:
            certificates = _CERTIFICATES
            mounts.append(Mount(self._certificates, certificates, read_only=True))
            words += ["--ssl-certs", certificates]
        secrets = []
        if self.security is not None:
            secrets = [balancer_login_of(self.security, _SECRET_LOGIN)]
            login = _SECRET_LOGIN
        if self._credentials_file:
            login = _LOGIN
            mounts.append(Mount(self._credentials_file, login, read_only=True))
        if login != "-":
            words += ["--marathon-auth-credential-file", login]
        if (https := self.marathon.https) and https.tls.verify:
            # Without it, marathon-lb verifies nothing.
            secrets.append(https.tls.ca)
            words += ["--marathon-ca-cert", https.tls.ca.path]
        words += arguments(self, release, self._flags, has_domain=self.domain is not None)
        stop = [str(drain_seconds), str(finish_seconds), certificates, login]
        return ContainerSpec(
            environment={
                # Up to 1.11 for a firewall rule. It must not be empty.
                "PORTS": ",".join(str(port) for port in self.ports.values()),
                **({} if has_events else {"POLL_INTERVAL": str(_POLL_SECONDS)}),
            },
            entrypoint=scripts.words("load-balancer", _FILES, _ENTRYPOINT),
            command=[*stop, *words],
            mounts=mounts,
            secrets=secrets,
            files=templates.files(
                family=self._family,
                release=release,
                domain=self.domain,
                http_port=self.ports["http_port"],
                https_port=self.ports["https_port"],
                hard_stop_seconds=self._hard_stop_seconds,
            ),
            host_check=self._host_check(),
        )

    def url_of(self, app_id: str) -> str | None:
        """The URL of an app by its id, such as `/shop/cart`; None without a domain."""
        if self.domain is None:
            return None
        name = ".".join(reversed(app_id.strip("/").split("/")))
        port = "" if self.ports["http_port"] == HTTP_PORT else f":{self.ports['http_port']}"
        return f"http://{name}.{self.domain}{port}"

    def _marathon_urls(self) -> list[str]:
        https, addresses = self.marathon.https, self.marathon.addresses()
        encrypted = [f"https://{address}:{https.port}" for address in addresses] if https else []
        # At the stage `used` also those without TLS, which are tried after the others: on the way back, Marathon loses
        # its https before the load balancers' turn.
        plain = [f"http://{address}:{self.marathon.port}" for address in addresses]
        return encrypted if https and https.required else [*encrypted, *plain]

    def _host_check(self) -> HostCheck | None:
        """The check of the files on the host. Directories are mounted: the engine would make one for a missing file."""
        if not (self._certificates or self._credentials_file):
            return None
        mounts, login = [], "-"
        if self._certificates:
            mounts.append(Mount(self._certificates, _CERTIFICATES, read_only=True))
        if self._credentials_file:
            file = PurePosixPath(self._credentials_file)
            mounts.append(Mount(str(file.parent), str(PurePosixPath(_LOGIN).parent / "login.d"), read_only=True))
            login = f"{PurePosixPath(_LOGIN).parent}/login.d/{file.name}"
        variables = {"CERTIFICATES": _CERTIFICATES if self._certificates else "-", "LOGIN": login}
        return HostCheck(scripts.joined(_FILES, _SETTLED), mounts, variables)
