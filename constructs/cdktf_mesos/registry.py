"""Registries that want a password."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cdktf import Token

from cdktf_mesos.errors import invalid

# distribution/reference: what stands before the first slash of an image's name is a registry with a '.', a ':' or this.
_ADDRESS = r"(?=localhost|[^/]*[.:])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"


def check_registry(where: str, argument: str, address: str) -> str:
    """Refuse what Docker would not take for a registry."""
    if not re.fullmatch(_ADDRESS, address):
        raise invalid(where, argument, address, "a registry's address: 'registry.example.com:5000'")
    return address


@dataclass(frozen=True)
class Registry:
    """What an engine logs in to a registry with, when it pulls from there.

    Both words must be Terraform expressions, `TerraformVariable(…, sensitive=True).string_value`: so they stand neither
    in the program's output nor in a plan that is shown, and, as part of a provider's configuration, in no state.

    Args:
        address: of the registry, as images are called: `registry.example.com:5000`.
        username: who logs in.
        password: its password, or a token.

    Raises:
        ValueError: an address that is none; a user name or password in clear.
    """

    address: str
    username: str
    password: str

    def __post_init__(self) -> None:
        check_registry("Registry", "address", self.address)
        for argument, value in {"username": self.username, "password": self.password}.items():
            if not Token.is_unresolved(value):
                right = (
                    "the value of a TerraformVariable that is sensitive; in clear it would be in the program's output"
                )
                # The value itself has no place in a message.
                raise invalid("Registry", argument, "…", right)
