"""Image registries that need a login."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.cdk import TerraformStack, TerraformVariable, Token
from cdktf_mesos.errors import invalid

# The part of an image's name before the first slash is a registry if it has a '.' or a ':', or is `localhost`
# (distribution/reference).
_ADDRESS = r"(?=localhost|[^/]*[.:])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"


def check_registry(where: str, argument: str, address: str) -> str:
    """Return the address. Refuse one that Docker would not take for a registry."""
    if not re.fullmatch(_ADDRESS, address):
        raise invalid(where, argument, address, "Use a registry's address, such as 'registry.example.com:5000'")
    if address in ("docker.io", "index.docker.io"):
        remedy = "Use 'registry-1.docker.io', the Docker provider's name for Docker Hub"
        raise invalid(where, argument, address, remedy)
    return address


@dataclass(frozen=True)
class Registry:
    """The login of an engine to a registry from which it pulls images.

    Give either user name and password, or the file that `docker login` writes. They are part of the provider's
    configuration, so no state has them. A plan that is saved to a file has the values of all variables, even of
    sensitive ones, except `ephemeral` ones (Terraform docs, input variables; from 1.10): make a variable ephemeral with
    `variable.add_override("ephemeral", True)`.

    Args:
        address: the registry's address, as in the names of images: `registry.example.com:5000`.
        username: the user name: a Terraform variable, or an expression such as an attribute of
            `aws_ecr_authorization_token`. It must be in the host's own stack: a value from another stack is in clear in
            that stack's state.
        password: the password or an access token, given like the user name. A variable must be sensitive.
        config_file: the absolute path of docker's `config.json` on the machine that runs Terraform.

    Raises:
        ValueError: the address is malformed; both kinds of login are given, or neither; the path is relative; a user
            name or password is in clear; the password's variable is not sensitive.
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
                raise invalid("Registry", "config_file", self.config_file, "Use a file, or username and password")
            if not self.config_file.startswith("/"):
                raise invalid("Registry", "config_file", self.config_file, "Use an absolute path")
            return
        for argument, value in given.items():
            if value is None or value == "":
                raise invalid("Registry", argument, value, "Pass username and password, or config_file")
            if isinstance(value, str) and not Token.is_unresolved(value):
                remedy = "Use a sensitive TerraformVariable or an expression: text would be in clear in the output"
                # The message must not show the value.
                raise invalid("Registry", argument, "…", remedy)
        if isinstance(self.password, TerraformVariable) and not self.password.sensitive:
            raise invalid("Registry", "password", self.password.node.path, "Use a variable with sensitive=True")


def registry_auth(host: Construct, registries: Sequence[Registry]) -> list[bindings.DockerProviderRegistryAuth]:
    """The argument `registry_auth` of a host's provider.

    Raises:
        ValueError: a registry is there twice; a variable is in another stack; the environment has a user name, which
            the Docker provider would use instead of a `config_file`.
    """
    addresses = [each.address for each in registries]
    for each in registries:
        if addresses.count(each.address) > 1:
            raise invalid(host, "registries", each.address, "Pass each registry once")
        if each.config_file is not None and "DOCKER_REGISTRY_USER" in os.environ:
            remedy = "Unset DOCKER_REGISTRY_USER in the environment: the Docker provider would use that instead"
            raise invalid(host, "registries", each.config_file, remedy)
    return [
        bindings.DockerProviderRegistryAuth(
            address=each.address,
            # Without these arguments, the provider would use variables of the deploy's environment, even if there is a
            # file.
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
        remedy = f"Use a variable of {here}: one of another stack would become an output there, in clear in its state"
        raise invalid(host, "registries", value.node.path, remedy)
    return str(value.string_value)
