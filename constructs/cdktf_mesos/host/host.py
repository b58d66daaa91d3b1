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
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import TOKEN
from cdktf_mesos.host.claims import claims_on
from cdktf_mesos.host.registry import Registry, registry_auth
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.host.tls import TlsMaterial
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import parse_release

# What `DockerHost` talks to by default: the engine of the machine that runs Terraform.
OWN_ENGINE = "unix:///var/run/docker.sock"

# The constraint of the bindings (3.6.2) is too old: a plan deletes stopped containers before 4.0.0, a changed health
# check is not applied before 4.6.0 (the provider's changelog). The container's schema is the same but for additions.
PROVIDER_CONSTRAINT = "~> 4.6"

DATA_DIR = "/var/lib/cdktf-mesos"
"""Where members keep what must outlive their containers; on AWS the data volume is mounted there."""

# Of the caller's environment, what the provider would take up though an engine is given.
_LEAKING = (
    *("DOCKER_CONTEXT", "DOCKER_SSH_OPTS", "DOCKER_CERT_PATH"),
    *("DOCKER_CA_MATERIAL", "DOCKER_CERT_MATERIAL", "DOCKER_KEY_MATERIAL"),
)


# "This network" (RFC 1122).
_NO_MACHINE = IPv4Network("0.0.0.0/8")


class DockerHost(Construct):
    """A machine with a Docker engine, and the Terraform provider that talks to it.

    Roles put their members into the scope of the host, so the stack that a host is created in is the stack of all
    that runs on it. The stack's constraint on the Docker provider becomes `PROVIDER_CONSTRAINT`. Between stacks there
    is no order but what the program gives them with `add_dependency`.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope; part of the state's addresses.
        address: the IPv4 address that other members use, or a token for it; members listen on it. A
            role on several stacks needs addresses that are known to the program.
        engine: what Terraform talks to: `unix:///var/run/docker.sock` (the default), `ssh://user@host[:port]`, or
            `tcp://host:port` with `tls`. Host and port may be tokens.
        hostname: what members call themselves in URLs; by default the address.
        data_dir: the directory on the host below which members keep what must outlive their containers; by default
            `/var/lib/cdktf-mesos`.
        has_data_dir: whether that directory exists before members start. By default it is not known, and an agent on a
            machine of its own gets a container that makes it.
        ssh_options: words for the ssh command of an `ssh://` engine, before those of `ssh_words`, of which ssh takes
            what was not said before: `("-i", "<key>", "-o", "IdentitiesOnly=yes")`, or `("-F", "<config>")` for a
            bastion, which the configuration names with `ProxyJump` or `ProxyCommand`.
        tls: required with `tcp://`.
        registries: what its engine logs in with to registries that want it; by default to none.
        engine_version: of the Docker engine, `20.10.24`, so that what does not run on it is refused before a deploy; by
            default it is not known.

    Raises:
        ValueError: an address that is none, an unknown engine scheme, `tcp://` without `tls`, a host name too long, no
            version; a registry twice, or with a variable of another stack; a variable in the environment that the
            Docker provider would take up.
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
    ) -> None:
        super().__init__(scope, id_)
        for variable in _LEAKING:
            if variable in os.environ:
                right = f"run without it in the environment ({variable}): the Docker provider would take it up"
                raise invalid(self, "engine", engine, right)
        self.address = _address(self, address)
        self.hostname = _hostname(self, hostname) if hostname is not None else address
        self.data_dir = absolute_path(self, "data_dir", data_dir)
        if not re.fullmatch("[A-Za-z0-9._/@+,=-]+", data_dir):
            # Health checks and preflights have it in shell scripts.
            raise invalid(self, "data_dir", data_dir, "a path of letters, digits and any of ._/@+,=-")
        self.has_data_dir = has_data_dir
        scheme = _scheme(self, engine, tls, ssh_options)
        self.engine = engine
        self.engine_version = engine_version if engine_version is None else _version(self, engine_version)
        self.stack = TerraformStack.of(self)
        self._pulled: dict[str, bindings.DockerImage] = {}
        self.claims = claims_on(self, self._machine())
        self.alias = self._alias()

        self.stack.add_override("terraform.required_providers.docker.version", PROVIDER_CONSTRAINT)
        self.provider = bindings.DockerProvider(
            self,
            "docker-engine",
            alias=self.alias,
            host=engine,
            ssh_opts=ssh_words(engine, ssh_options) if scheme == "ssh" else None,
            # Where one of these is absent, the provider takes what the environment of the deploy says; '' is none.
            context="",
            cert_path=(tls and tls.directory) or "",
            # An expression may turn out empty, and without a CA the provider verifies nothing: coalesce refuses that.
            ca_material=Fn.coalesce([tls.ca]) if tls and tls.ca else "",
            cert_material=(tls and tls.cert) or "",
            key_material=(tls and tls.key) or "",
            registry_auth=registry_auth(self, registries) or None,
        )

    def pull(self, image: Image) -> bindings.DockerImage:
        """The image on this host, pulled once however many members use it, and kept when it is no longer used."""
        key = image.key()
        if key not in self._pulled:
            self._pulled[key] = bindings.DockerImage(
                self, key, name=image.reference(self.stack), keep_locally=True, provider=self.provider
            )
        return self._pulled[key]

    @property
    def is_loopback(self) -> bool:
        """Whether only its own machine can reach what it says of itself, by address or host name."""
        names = (self.address, self.hostname)
        return any(re.fullmatch(r"127(\.\d+){3}|localhost([.].*)?", name, re.IGNORECASE) for name in names)

    def _machine(self) -> str:
        """What tells its machine from others; several hosts may be on one, in stacks of their own."""
        if Token.is_unresolved(self.address):
            # It cannot be recognised in another host.
            return self.node.path
        return f"{self.engine} {self.address}" if IPv4Address(self.address).is_loopback else self.address

    def _alias(self) -> str:
        """The provider's alias: the path in the stack, where that is a name to Terraform, else one made from it."""
        path = self.node.path.removeprefix(f"{self.stack.node.path}/")
        if re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", path):
            return path
        return f"host_{re.sub('[^A-Za-z0-9_-]', '_', path)}_{self.node.addr[-8:]}"


def absolute_path(construct: Construct, argument: str, path: str) -> str:
    """Refuse what is no absolute, normal path."""
    if not path.startswith("/") or path == "/" or str(PurePosixPath(path)) != path or ".." in path or ":" in path:
        raise invalid(construct, argument, path, f"an absolute path, such as {DATA_DIR!r}")
    return path


def path_without_blanks(construct: Construct, argument: str, path: str) -> str:
    """Refuse what is no absolute, normal path, and one that scripts cannot have in a list."""
    if re.search(r"[\s=]", absolute_path(construct, argument, path)):
        raise invalid(construct, argument, path, "a path without blanks and '='")
    return path


def _version(host: DockerHost, version: str) -> str:
    try:
        parse_release(version)
    except ValueError:
        raise invalid(host, "engine_version", version, "what `docker version` says of the server: '20.10.24'") from None
    return version


def _address(host: DockerHost, address: str) -> str:
    if Token.is_unresolved(address):
        return address
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        raise invalid(
            host, "address", address, "an IPv4 address, such as '10.20.30.11'; Mesos knows no other"
        ) from None
    if parsed.is_link_local:
        right = "an address that stays, such as '10.20.30.11'; a link-local one is of one link, and changes (RFC 3927)"
        raise invalid(host, "address", address, right)
    if parsed in _NO_MACHINE or parsed.is_multicast or parsed.is_reserved:
        raise invalid(host, "address", address, "the address of one machine, such as '10.20.30.11'")
    return address


def _hostname(host: DockerHost, hostname: str) -> str:
    if Token.is_unresolved(hostname):
        return hostname
    label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if len(hostname) > 253 or not re.fullmatch(rf"{label}([.]{label})*", hostname):
        right = "at most 253 characters, in labels of at most 63 letters, digits and inner hyphens (RFC 1123)"
        raise invalid(host, "hostname", hostname, right)
    return hostname


def _scheme(host: DockerHost, engine: str, tls: TlsMaterial | None, ssh_options: Sequence[str]) -> str:
    scheme, _, _ = engine.partition("://")
    forms = {
        "unix": "unix:///[^/].*",
        "ssh": r"ssh://(?:[^@/:\s${}]+@)?[^@/:?#\s${}]+(?::[0-9]+)?",
        "tcp": r"tcp://[^@/:?#\s${}]+:[0-9]+",
    }
    rights = {
        "unix": "an absolute path: 'unix:///var/run/docker.sock'",
        "ssh": "'ssh://user@host', with ':port' where it is not 22, and nothing else",
        "tcp": "'tcp://host:port', as in 'tcp://10.20.30.11:2376'",
    }
    if scheme not in forms:
        raise invalid(host, "engine", engine, "'unix://<path>', 'ssh://user@host' or 'tcp://host:port'")
    # Tokens stand for whatever they are; 1 fits a host as well as a port.
    known = re.sub(TOKEN, "1", engine)
    if not re.fullmatch(forms[scheme], known):
        raise invalid(host, "engine", engine, rights[scheme])
    port = re.search(":([0-9]+)$", known)
    if scheme != "unix" and port and not 1 <= int(port[1]) <= 65535:
        raise invalid(host, "engine", engine, "a port from 1 to 65535")
    if (scheme == "tcp") != (tls is not None):
        right = "TlsMaterial with a tcp:// engine, as nothing else proves it" if tls is None else "none, without tcp://"
        raise invalid(host, "tls", tls, right)
    if isinstance(ssh_options, str) or (ssh_options and scheme != "ssh"):
        raise invalid(host, "ssh_options", ssh_options, "a list of words, with an ssh:// engine only")
    return scheme
