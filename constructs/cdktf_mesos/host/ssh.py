"""The ssh command on the machine that deploys. The Docker provider runs it, and scripts that Terraform runs there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cdktf_mesos.expressions import TOKEN, digest
from cdktf_mesos.host.ssh_options import SSH_OPTIONS

# Length of the digest that identifies a connection, in hex digits: 48 bits.
_CHARACTERS = 12


def ssh_words(destination: str, options: Sequence[str]) -> list[str]:
    """The options of the ssh command to a machine: the given ones, then those that every connection has.

    If an option is there twice, ssh uses the first.

    Args:
        destination: the machine, with the user if one is given.
        options: the words that come first.
    """
    return [*options, *SSH_OPTIONS, "-o", f"ControlPath={_control_path(destination, options)}"]


def _control_path(destination: str, options: Sequence[str]) -> str:
    """The socket of a shared connection: the same for all connections with the same destination and options.

    ssh's own `%C` does not take `-F` and ProxyCommand into account, and another cluster may have the same private
    address. The socket is in the home directory, because that exists (ssh makes no directory) and nobody else can write
    to it. The path of a socket has at most 107 characters (unix(7)), and ssh needs 17 of these for a suffix. So the
    path of the home directory may have up to 63 characters, or 41 if only Terraform knows the address.
    """
    # The provider refuses an option that is unknown in a plan, as an address may be. ssh itself fills in %h and %p.
    where = "-%h-%p" if re.search(TOKEN, destination) else ""
    text = "\n".join([re.sub(TOKEN, "", destination), *options])
    return f"~/.cdktf-mesos-{digest(text, _CHARACTERS)}{where}"
