"""Hosts: machines with a Docker engine."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import PurePosixPath

from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.cdk import Fn, TerraformStack, Token
from cdktf_mesos.compatibility.host_facts import HostFacts
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import TOKEN
from cdktf_mesos.host.claims import claims_on
from cdktf_mesos.host.data_dir import DATA_DIR as DATA_DIR
from cdktf_mesos.host.registry import Registry, registry_auth
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.host.tls import TlsMaterial
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release, parse_release

# The default engine: that of the machine that runs Terraform.
OWN_ENGINE = "unix:///var/run/docker.sock"

# Replaces the constraint of the bindings, 3.6.2. That version is too old: before 4.0.0 a plan deletes stopped
# containers, and before 4.6.0 a changed health check is not applied (the provider's changelog). Since 3.6.2 the
# container's schema has only got additions.
PROVIDER_CONSTRAINT = "~> 4.6"

# Environment variables that the provider would use although an engine is given.
_LEAKING = (
    *("DOCKER_CONTEXT", "DOCKER_SSH_OPTS", "DOCKER_CERT_PATH"),
    *("DOCKER_CA_MATERIAL", "DOCKER_CERT_MATERIAL", "DOCKER_KEY_MATERIAL"),
)


# "This network" (RFC 1122).
_NO_MACHINE = IPv4Network("0.0.0.0/8")


class DockerHost(Construct):
    """A machine with a Docker engine, and the Terraform provider that talks to it.

    Roles put their members into the scope of the host. So all members on it are in the stack that the host is created
    in. That stack gets `PROVIDER_CONSTRAINT` as its constraint on the Docker provider. Stacks have no order of
    deployment unless the program sets one with `add_dependency`.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope; part of the state's addresses.
        address: the IPv4 address at which other members reach this host, or a token for it; members listen on it. If a
            role is on several stacks, it must be a literal address.
        engine: the endpoint that Terraform connects to: `unix:///var/run/docker.sock` (the default),
            `ssh://user@host[:port]`, or `tcp://host:port` with `tls`. Host and port may be tokens.
        hostname: the name that members have in URLs; by default the address.
        data_dir: the directory on the host in which members keep what must outlive their containers; by default
            `/var/lib/cdktf-mesos`.
        has_data_dir: whether that directory exists before members start. By default this is unknown, and an agent that
            is the only member of its host gets a container that makes the directory.
        ssh_options: words of the ssh command for an `ssh://` engine, such as `("-i", "<key>", "-o",
            "IdentitiesOnly=yes")`. For a bastion use `("-F", "<config>")`, with `ProxyJump` or `ProxyCommand` in that
            file. They come before the options of `ssh_words`, so they win: ssh uses the first value of an option.
        tls: certificates; required with `tcp://`, otherwise not allowed.
        registries: registries that the engine logs in to; by default there are none.
        engine_version: the Docker engine's version, such as `20.10.24`. With it, `cdktf synth` refuses what does not
            run on that engine. By default it is unknown.
        least_api: the oldest version of the API that the engine accepts, `1.24`; by default that of its version. Set it
            if `min-api-version` is set in the engine's daemon.json.
        cgroup_version: 1 or 2. With it, `cdktf synth` refuses what does not run with that version. By default it is
            unknown.

    Raises:
        ValueError: an address, host name, path or version is malformed; the engine's scheme is unknown; `tls` is
            missing with `tcp://`; a registry is there twice, or has a variable of another stack; the environment has a
            variable that the Docker provider would use.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        address: str,
        engine: str = OWN_ENGINE,
        hostname: str | None = None,
        data_dir: str = DATA_DIR,
        has_data_dir: bool = False,
        ssh_options: Sequence[str] = (),
        tls: TlsMaterial | None = None,
        registries: Sequence[Registry] = (),
        engine_version: str | None = None,
        least_api: str | None = None,
        cgroup_version: int | None = None,
    ) -> None:
        super().__init__(scope, id_)
        for variable in _LEAKING:
            if variable in os.environ:
                remedy = f"Unset {variable} in the environment: the Docker provider would use it as well"
                raise invalid(self, "engine", engine, remedy)
        self.address = _address(self, address)
        self.hostname = _hostname(self, hostname) if hostname is not None else address
        self.data_dir = absolute_path(self, "data_dir", data_dir)
        if not re.fullmatch("[A-Za-z0-9._/@+,=-]+", data_dir):
            # Health checks and preflights use it in shell scripts.
            remedy = "Use a path of letters, digits and any of ._/@+,=-"
            raise invalid(self, "data_dir", data_dir, remedy)
        self.has_data_dir = has_data_dir
        scheme = _scheme(self, engine, tls, ssh_options)
        self.engine = engine
        self.ssh_words = ssh_words(engine, ssh_options) if scheme == "ssh" else []
        self.facts = _facts(self, engine_version, least_api, cgroup_version)
        self.stack = scope if isinstance(scope, TerraformStack) else TerraformStack.of(self)
        self._pulled: dict[str, bindings.DockerImage] = {}
        self.claims = claims_on(self, self._machine())
        # The CDK replaces slashes in ids. A call of jsii for the path would take longer.
        self.alias = self._alias(id_.replace("/", "--") if scope is self.stack else self._path_in_stack())

        self.stack.add_override("terraform.required_providers.docker.version", PROVIDER_CONSTRAINT)
        self.provider = bindings.DockerProvider(
            self,
            "docker-engine",
            alias=self.alias,
            host=engine,
            ssh_opts=self.ssh_words or None,
            # Without one of these arguments, the provider would use a variable of the deploy's environment. '' prevents
            # that.
            context="",
            cert_path=(tls and tls.directory) or "",
            # An expression may turn out to be empty, and without a CA the provider verifies nothing. coalesce fails
            # then.
            ca_material=Fn.coalesce([tls.ca]) if tls and tls.ca else "",
            cert_material=(tls and tls.cert) or "",
            key_material=(tls and tls.key) or "",
            registry_auth=registry_auth(self, registries) or None,
        )

    def pull(self, image: Image) -> bindings.DockerImage:
        """The image on this host: pulled once for all members that use it, and kept when no member uses it any more."""
        key = image.key()
        if key not in self._pulled:
            self._pulled[key] = bindings.DockerImage(
                self, key, name=image.reference(self.stack), keep_locally=True, provider=self.provider
            )
        return self._pulled[key]

    @property
    def is_loopback(self) -> bool:
        """Whether its address or host name is a loopback one, which other machines cannot reach."""
        names = (self.address, self.hostname)
        return any(re.fullmatch(r"127(\.\d+){3}|localhost([.].*)?", name, re.IGNORECASE) for name in names)

    def _machine(self) -> str:
        """An identifier of its machine. Several hosts, in different stacks, may be the same machine."""
        if re.search(TOKEN, self.address):
            # The address is unknown, so it cannot be compared with that of another host.
            return self.node.path
        return f"{self.engine} {self.address}" if IPv4Address(self.address).is_loopback else self.address

    def _path_in_stack(self) -> str:
        return self.node.path.removeprefix(f"{self.stack.node.path}/")

    def _alias(self, path: str) -> str:
        """The provider's alias: the path in the stack if Terraform takes that as a name, otherwise one made from it."""
        if re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", path):
            return path
        return f"host_{re.sub('[^A-Za-z0-9_-]', '_', path)}_{self.node.addr[-8:]}"


def absolute_path(construct: Construct, argument: str, path: str) -> str:
    """Return the path. Refuse one that is not absolute and normalised."""
    if not path.startswith("/") or path == "/" or str(PurePosixPath(path)) != path or ".." in path or ":" in path:
        raise invalid(construct, argument, path, f"Use an absolute path, such as {DATA_DIR!r}")
    return path


def path_without_blanks(construct: Construct, argument: str, path: str) -> str:
    """Return the path. Refuse one that is not absolute and normalised, or that scripts could not read from a list."""
    if re.search(r"[\s=]", absolute_path(construct, argument, path)):
        raise invalid(construct, argument, path, "Use a path without blanks and '='")
    return path


def _facts(
    host: DockerHost, engine_version: str | None, least_api: str | None, cgroup_version: int | None
) -> HostFacts:
    if cgroup_version not in (None, 1, 2):
        remedy = "Use 1 or 2: `stat -fc %T /sys/fs/cgroup` on the host prints cgroup2fs for 2"
        raise invalid(host, "cgroup_version", cgroup_version, remedy)
    return HostFacts(
        engine=_version(host, "engine_version", engine_version, "'20.10.24'"),
        least_api=_version(host, "least_api", least_api, "'1.24'"),
        cgroup=None if cgroup_version is None else Release(cgroup_version, 0, text=str(cgroup_version)),
    )


def _version(host: DockerHost, argument: str, version: str | None, example: str) -> Release | None:
    try:
        return None if version is None else parse_release(version)
    except ValueError:
        remedy = f"Use the server's version as `docker version` shows it, such as {example}"
        raise invalid(host, argument, version, remedy) from None


def _address(host: DockerHost, address: str) -> str:
    if Token.is_unresolved(address):
        return address
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        remedy = "Use an IPv4 address, such as '10.20.30.11': Mesos supports no other kind"
        raise invalid(host, "address", address, remedy) from None
    if parsed.is_link_local:
        remedy = (
            "Use a permanent address, such as '10.20.30.11': a link-local one is valid on one link only, and may "
            "change (RFC 3927)"
        )
        raise invalid(host, "address", address, remedy)
    if parsed in _NO_MACHINE or parsed.is_multicast or parsed.is_reserved:
        raise invalid(host, "address", address, "Use the address of one machine, such as '10.20.30.11'")
    return address


def _hostname(host: DockerHost, hostname: str) -> str:
    if Token.is_unresolved(hostname):
        return hostname
    label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if len(hostname) > 253 or not re.fullmatch(rf"{label}([.]{label})*", hostname):
        remedy = "Use at most 253 characters, in labels of at most 63 letters, digits and inner hyphens (RFC 1123)"
        raise invalid(host, "hostname", hostname, remedy)
    return hostname


def _scheme(host: DockerHost, engine: str, tls: TlsMaterial | None, ssh_options: Sequence[str]) -> str:
    scheme, _, _ = engine.partition("://")
    forms = {
        "unix": "unix:///[^/].*",
        "ssh": r"ssh://(?:[^@/:\s${}]+@)?[^@/:?#\s${}]+(?::[0-9]+)?",
        "tcp": r"tcp://[^@/:?#\s${}]+:[0-9]+",
    }
    remedies = {
        "unix": "Use an absolute path, as in 'unix:///var/run/docker.sock'",
        "ssh": "Use 'ssh://user@host', with ':port' if that is not 22, and nothing else",
        "tcp": "Use 'tcp://host:port', as in 'tcp://10.20.30.11:2376'",
    }
    if scheme not in forms:
        raise invalid(host, "engine", engine, "Use 'unix://<path>', 'ssh://user@host' or 'tcp://host:port'")
    # A token may stand for a host or a port, and 1 is valid as both.
    known = re.sub(TOKEN, "1", engine)
    if not re.fullmatch(forms[scheme], known):
        raise invalid(host, "engine", engine, remedies[scheme])
    port = re.search(":([0-9]+)$", known)
    if scheme != "unix" and port and not 1 <= int(port[1]) <= 65535:
        raise invalid(host, "engine", engine, "Use a port from 1 to 65535")
    if (scheme == "tcp") != (tls is not None):
        remedy = (
            "Pass TlsMaterial with a tcp:// engine: only certificates prove who the engine is"
            if tls is None
            else "Remove it: only a tcp:// engine uses certificates"
        )
        raise invalid(host, "tls", tls, remedy)
    if isinstance(ssh_options, str) or (ssh_options and scheme != "ssh"):
        remedy = "Use a list of words, and only with an ssh:// engine"
        raise invalid(host, "ssh_options", ssh_options, remedy)
    return scheme
