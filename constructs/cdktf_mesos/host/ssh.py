"""How ssh is run on the machine that deploys: by the Docker provider, and by the scripts that Terraform runs there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cdktf_mesos.expressions import TOKEN, digest

# One word an item, as the provider wants it. Host keys are never taken on trust; a host that dies during an apply is
# noticed after 15 s instead of never; a login serves the whole deploy (ssh_config(5)).
SSH_OPTIONS = tuple(
    word
    for option in (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ConnectTimeout=5",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
        "ControlMaster=auto",
        "ControlPersist=60",
    )
    for word in ("-o", option)
)

# Of its digest, so many characters tell a connection from all others: 48 bits.
_CHARACTERS = 12


def ssh_words(destination: str, options: Sequence[str]) -> list[str]:
    """The words for ssh to a machine: the options given, and then those that every connection has.

    Of an option that is there twice, ssh takes the first.

    Args:
        destination: the machine, and the user where one is given.
        options: further words for ssh, before the others.
    """
    return [*options, *SSH_OPTIONS, "-o", f"ControlPath={_control_path(destination, options)}"]


def _control_path(destination: str, options: Sequence[str]) -> str:
    """Where the connection is shared by all that go the same way, and by nobody else.

    ssh's own `%C` knows neither `-F` nor ProxyCommand, and another cluster may have the same private address. A home
    directory is there, and nobody else writes to it; ssh makes no directory. A socket's path has 107 characters at most
    (unix(7)), of which ssh needs 17 for a suffix: so the home directory may have up to 63, and 41
    where Terraform alone knows the address.
    """
    # The provider takes no option that is unknown in a plan, as an address may be: there ssh itself puts it in.
    where = "-%h-%p" if re.search(TOKEN, destination) else ""
    text = "\n".join([re.sub(TOKEN, "", destination), *options])
    return f"~/.cdktf-mesos-{digest(text, _CHARACTERS)}{where}"
