"""Hosts: machines with a Docker engine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from cdktf import Fn, TerraformStack, Token
from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.errors import invalid
from cdktf_mesos.image import Image

# The constraint of the bindings (3.6.2) is too old: a plan deletes stopped containers before 4.0.0, a changed health
# check is not applied before 4.6.0 (the provider's changelog). The container's schema is the same but for additions.
PROVIDER_CONSTRAINT = "~> 4.6"

# One word an item, as the provider wants it. Host keys are never taken on trust, and a host that dies during an apply
# is noticed after 15 s instead of never (ssh_config(5): ServerAliveInterval, ServerAliveCountMax).
SSH_OPTIONS = tuple(
    word
    for option in (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ConnectTimeout=5",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
    )
    for word in ("-o", option)
)


@dataclass(frozen=True)
class TlsMaterial:
    """What proves a `tcp://` engine and its client to each other (docs.docker.com, "Protect the Docker daemon socket").

    Either a directory on the machine that runs Terraform, or three PEM texts as Terraform expressions (a sensitive
    variable, a `tls_private_key`); a key written out in the program would stand in clear in the synthesised JSON.

    Args:
        directory: an absolute path that holds `ca.pem`, `cert.pem` and `key.pem`.
        ca: the certificate authority that signed the engine's certificate.
        cert: the client's certificate.
        key: the client's private key.

    Raises:
        ValueError: neither or both ways; a relative directory; a key in clear.
    """

    directory: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        material = (self.ca, self.cert, self.key)
        if self.directory is not None:
            if any(material):
                raise invalid("TlsMaterial", "directory", self.directory, "either a directory, or ca, cert and key")
            if not (Token.is_unresolved(self.directory) or self.directory.startswith("/")):
                raise invalid("TlsMaterial", "directory", self.directory, "an absolute path")
        else:
            for name, value in zip(("ca", "cert", "key"), material, strict=True):
                if not value:
                    raise invalid("TlsMaterial", name, value, "ca, cert and key, all three; nothing goes unverified")
        if self.key is not None and not Token.is_unresolved(self.key):
            raise invalid(
                "TlsMaterial", "key", "…", "a Terraform expression (a sensitive variable), not the key itself"
            )


class DockerHost(Construct):
    """A machine with a Docker engine, and the Terraform provider that talks to it.

    Roles put their members into the scope of the host, so the stack that a host is created in is the stack of all
    that runs on it.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope; part of the state's addresses.
        address: the IPv4 address that other members use, or a Terraform expression for it; members listen on it.
        engine: what Terraform talks to: `unix:///var/run/docker.sock`, `ssh://user@host[:port]`, or
            `tcp://host:port` with `tls`.
        hostname: what members call themselves in URLs; by default the address.
        data_dir: the directory on the host below which members keep what must outlive their containers.
        ssh_options: words for the ssh command of an `ssh://` engine, after `SSH_OPTIONS`; a key is `("-i", "<file>")`.
        tls: required with `tcp://`.

    Raises:
        ValueError: an address that is none, an unknown engine scheme, `tcp://` without `tls`, a host name too long.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        address: str,
        engine: str = "unix:///var/run/docker.sock",
        hostname: str | None = None,
        data_dir: str = "/var/lib/cdktf-mesos",
        ssh_options: Sequence[str] = (),
        tls: TlsMaterial | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.address = _address(self, address)
        self.hostname = _hostname(self, hostname) if hostname is not None else address
        self.data_dir = absolute_path(self, "data_dir", data_dir)
        scheme = _scheme(self, engine, tls, ssh_options)
        self.engine = engine
        self.agent_pools: dict[str, bool] = {}
        self._claims: dict[tuple[str, object], str] = {}

        self.stack = TerraformStack.of(self)
        self.stack.add_override("terraform.required_providers.docker.version", PROVIDER_CONSTRAINT)
        self.provider = bindings.DockerProvider(
            self,
            "engine",
            alias=re.sub("[^A-Za-z0-9_]", "_", self.node.path.removeprefix(f"{self.stack.node.path}/")),
            host=engine,
            ssh_opts=[*SSH_OPTIONS, *ssh_options] if scheme == "ssh" else None,
            cert_path=tls.directory if tls else None,
            # An expression may turn out empty, and without a CA the provider verifies nothing: coalesce refuses that.
            ca_material=Fn.coalesce([tls.ca]) if tls and tls.ca else None,
            cert_material=tls.cert if tls else None,
            key_material=tls.key if tls else None,
        )

    def claim(self, kind: str, value: object, owner: Construct, argument: str) -> None:
        """Note that `owner` uses a port, name or directory of this host; refuse it when somebody else does."""
        holder = self._claims.get((kind, value))
        if holder is not None:
            remedy = f"another {kind}; {holder} uses this one on host {self.node.path}"
            raise invalid(owner, argument, value, remedy)
        self._claims[kind, value] = owner.node.path

    def pull(self, image: Image) -> bindings.DockerImage:
        """The image on this host, pulled once however many members use it, and kept when it is no longer used."""
        pulled = self.node.try_find_child(image.key())
        if isinstance(pulled, bindings.DockerImage):
            return pulled
        return bindings.DockerImage(
            self, image.key(), name=image.reference(self.stack), keep_locally=True, provider=self.provider
        )


def absolute_path(construct: Construct, argument: str, path: str) -> str:
    """Refuse what is no absolute, normal path."""
    if not path.startswith("/") or path == "/" or str(PurePosixPath(path)) != path or ".." in path or ":" in path:
        raise invalid(construct, argument, path, "an absolute path on the host, such as '/var/lib/cdktf-mesos'")
    return path


def _address(host: DockerHost, address: str) -> str:
    if Token.is_unresolved(address):
        return address
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        raise invalid(
            host, "address", address, "an IPv4 address, such as '10.20.30.11'; Mesos knows no other"
        ) from None
    if parsed.is_unspecified or parsed.is_multicast or parsed.is_reserved:
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
    if Token.is_unresolved(engine):
        engine = re.sub("[$]{[^}]*}", "token", engine)
    parts = urlsplit(engine)
    try:
        port = parts.port
    except ValueError:
        raise invalid(host, "engine", engine, "a port from 1 to 65535") from None
    if parts.scheme == "unix" and (parts.netloc or not parts.path.startswith("/")):
        raise invalid(host, "engine", engine, "an absolute path: 'unix:///var/run/docker.sock'")
    if parts.scheme == "ssh" and not parts.hostname:
        raise invalid(host, "engine", engine, "'ssh://user@host', with ':port' where it is not 22")
    if parts.scheme == "tcp" and (not parts.hostname or port is None):
        raise invalid(host, "engine", engine, "'tcp://host:port', as in 'tcp://10.20.30.11:2376'")
    if parts.scheme not in ("unix", "ssh", "tcp"):
        raise invalid(host, "engine", engine, "'unix://<path>', 'ssh://user@host' or 'tcp://host:port'")
    if (parts.scheme == "tcp") != (tls is not None):
        right = "TlsMaterial with a tcp:// engine, as nothing else proves it" if tls is None else "none, without tcp://"
        raise invalid(host, "tls", tls, right)
    if ssh_options and parts.scheme != "ssh":
        raise invalid(host, "ssh_options", list(ssh_options), "none, without an ssh:// engine")
    return parts.scheme
