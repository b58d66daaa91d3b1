"""Registries that want a password."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.cdk import TerraformStack, TerraformVariable, Token
from cdktf_mesos.errors import invalid

# distribution/reference: what stands before the first slash of an image's name is a registry with a '.', a ':' or this.
_ADDRESS = r"(?=localhost|[^/]*[.:])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"


def check_registry(where: str, argument: str, address: str) -> str:
    """Refuse what Docker would not take for a registry."""
    if not re.fullmatch(_ADDRESS, address):
        raise invalid(where, argument, address, "a registry's address: 'registry.example.com:5000'")
    if address in ("docker.io", "index.docker.io"):
        raise invalid(where, argument, address, "'registry-1.docker.io', as the Docker provider calls Docker Hub")
    return address


@dataclass(frozen=True)
class Registry:
    """What an engine logs in to a registry with, when it pulls from there.

    Either user and password, or the file that `docker login` writes. As part of a provider's configuration they are in
    no state. A plan that is kept in a file has the values of all variables, also of sensitive ones, but not of those
    that are `ephemeral` (Terraform docs, input variables; from 1.10): `variable.add_override("ephemeral", True)`.

    Args:
        address: of the registry, as images are called: `registry.example.com:5000`.
        username: who logs in: a Terraform variable, or an expression, such as an attribute of
            `aws_ecr_authorization_token`; of the host's own stack, as what comes from another one is in clear in that
            one's state.
        password: its password, or a token; a variable must be sensitive.
        config_file: absolute path of a `config.json` of docker, on the machine that runs Terraform.

    Raises:
        ValueError: an address that is none; neither or both ways; a relative path; a user name or password in clear, or
            that a plan would show.
    """

    address: str
    username: TerraformVariable | str | None = None
    password: TerraformVariable | str | None = None
    config_file: str | None = None

    def __post_init__(self) -> None:
        check_registry("Registry", "address", self.address)
        given = {"username": self.username, "password": self.password}
        if self.config_file is not None:
            if any(value is not None for value in given.values()):
                raise invalid("Registry", "config_file", self.config_file, "either a file, or username and password")
            if not self.config_file.startswith("/"):
                raise invalid("Registry", "config_file", self.config_file, "an absolute path")
            return
        for argument, value in given.items():
            if value is None or value == "":
                raise invalid("Registry", argument, value, "username and password, or config_file")
            if isinstance(value, str) and not Token.is_unresolved(value):
                right = "a TerraformVariable that is sensitive, or an expression; in clear it would be in the output"
                # The value itself has no place in a message.
                raise invalid("Registry", argument, "…", right)
        if isinstance(self.password, TerraformVariable) and not self.password.sensitive:
            raise invalid("Registry", "password", self.password.node.path, "a variable with sensitive=True")


def registry_auth(host: Construct, registries: Sequence[Registry]) -> list[bindings.DockerProviderRegistryAuth]:
    """What a host's provider is told of registries.

    Raises:
        ValueError: a registry twice; a variable of another stack; a user in the environment, whom the Docker provider
            would take instead of a `config_file`.
    """
    addresses = [each.address for each in registries]
    for each in registries:
        if addresses.count(each.address) > 1:
            raise invalid(host, "registries", each.address, "each registry once")
        if each.config_file is not None and "DOCKER_REGISTRY_USER" in os.environ:
            right = "run without DOCKER_REGISTRY_USER in the environment: the Docker provider would take it up instead"
            raise invalid(host, "registries", each.config_file, right)
    return [
        bindings.DockerProviderRegistryAuth(
            address=each.address,
            # Absent, they would be those in the environment of the deploy, even beside a file.
            username=_expression(host, each.username) or "",
            password=_expression(host, each.password) or "",
            config_file=each.config_file,
        )
        for each in registries
    ]


def _expression(host: Construct, value: TerraformVariable | str | None) -> str | None:
    if not isinstance(value, TerraformVariable):
        return value
    here = TerraformStack.of(host).node.path
    if TerraformStack.of(value).node.path != here:
        right = f"variables of {here}: of another stack it would be an output there, and in clear in its state"
        raise invalid(host, "registries", value.node.path, right)
    return str(value.string_value)
