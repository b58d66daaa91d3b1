"""The connections to the hosts' Docker engines: those that a deploy uses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform

# The arguments of the Docker provider that decide how an engine is reached.
_ARGUMENTS = ("host", "ssh_opts", "cert_path", "ca_material", "cert_material", "key_material", "registry_auth")

_SSH = re.compile(r"ssh://(?:(?P<user>[^@]+)@)?(?P<host>[^:/]+)(?::(?P<port>[0-9]+))?")

# Time limit for Terraform to evaluate the expressions of one host, in seconds.
_SECONDS = 60


@dataclass(frozen=True)
class Connection:
    """How to reach an engine: the arguments of the Terraform provider kreuzwerker/docker.

    Args:
        engine: `unix://…`, `ssh://user@host:port` or `tcp://host:port`.
        ssh_options: words for ssh.
        cert_path: a directory with `ca.pem`, `cert.pem` and `key.pem`; may be empty.
        ca: certificate authority of a `tcp://` engine, as PEM; may be empty.
        cert: the client's certificate.
        key: the client's key.
        registries: the engine's login to each registry, by the registry's address.
    """

    engine: str
    ssh_options: Sequence[str] = ()
    cert_path: str = ""
    ca: str = field(default="", repr=False)
    cert: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    registries: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    @property
    def login(self) -> tuple[str, ...]:
        """The ssh command up to the destination, to which a command to run is added; empty if ssh is not used."""
        place = _SSH.fullmatch(self.engine)
        if place is None:
            return ()
        user = ("-l", place["user"]) if place["user"] else ()
        port = ("-p", place["port"]) if place["port"] else ()
        return ("ssh", *self.ssh_options, *user, *port, "-T", "--", place["host"])


@dataclass(frozen=True, eq=False)
class Host:
    """A machine with a Docker engine, as a stack names it.

    Args:
        name: as preview and status show it.
        stacks: the stacks that connect to it.
        connection: how to reach its engine; None if that is not known yet.
        error: why the connection is not known; empty if it is known.
    """

    name: str
    stacks: frozenset[str]
    connection: Connection | None = None
    error: str = ""


def hosts_of(stacks: Sequence[Stack], states: Mapping[str, Resources], terraform: Terraform) -> list[Host]:
    """All hosts, in the order of the roll. If stacks name and reach a machine in the same way, it is one host."""
    found: dict[tuple[str, str], list[Stack]] = {}
    for stack in stacks:
        for name, arguments in stack.providers.items():
            wanted = {key: arguments[key] for key in _ARGUMENTS if arguments.get(key)}
            found.setdefault((name, json.dumps(wanted, sort_keys=True)), []).append(stack)
    jobs = {key: partial(_host, *key, having, states, terraform) for key, having in found.items()}
    return [
        Host(key[0], frozenset(stack.name for stack in found[key]), error=str(each))
        if isinstance(each, Exception)
        else each
        for key, each in at_once(jobs, _SECONDS).items()
    ]


def _host(
    name: str, wanted: str, having: Sequence[Stack], states: Mapping[str, Resources], terraform: Terraform
) -> Host:
    stacks = frozenset(stack.name for stack in having)
    try:
        arguments = evaluate(terraform, having[0], states.get(having[0].name, ()), json.loads(wanted))
    except RuntimeError as problem:
        return Host(name, stacks, error=f"how its engine is reached is not known: {problem}")
    return Host(name, stacks, _connection(arguments))


def _connection(arguments: Mapping[str, Any]) -> Connection:
    registries: dict[str, dict[str, str]] = {}
    for each in arguments.get("registry_auth", ()):
        registries[each["address"]] = {
            key: each[key] for key in ("username", "password", "config_file") if each.get(key)
        }
    return Connection(
        engine=arguments.get("host", "unix:///var/run/docker.sock"),
        ssh_options=tuple(arguments.get("ssh_opts", ())),
        cert_path=arguments.get("cert_path", ""),
        ca=arguments.get("ca_material", ""),
        cert=arguments.get("cert_material", ""),
        key=arguments.get("key_material", ""),
        registries=registries,
    )
