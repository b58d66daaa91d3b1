"""How the machine that deploys logs in to the cluster's: whom it trusts, and which way it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cdktf_mesos.expressions import replaced, shell_word
from cdktf_mesos.host.ssh import ssh_words

HOST_KEY = "^ssh-ed25519 [A-Za-z0-9+/]{68}$"
"""The regular expression of a host key as machines publish it, for Terraform and for bash (RFC 8709, section 4)."""


class WayIn(Protocol):
    """What leads from outside to the machines without a public address."""

    def proxy_command(self, instance_id: str) -> str:
        """The command whose input and output are a connection to the ssh port of ssh's `%h`, which is that instance."""
        ...


@dataclass(frozen=True)
class Login:
    """Who logs in, with what.

    Args:
        user: of the machines' image; `admin` on Debian's.
        options: further words for ssh, `("-i", "<key>", "-o", "IdentitiesOnly=yes")`; by default what the agent has.
    """

    user: str = "admin"
    options: Sequence[str] = ()

    def route(self, way_in: WayIn | None = None, instance_id: str = "") -> list[str]:
        """The options of ssh that lead to a machine: directly, or by a way in to an instance."""
        words = [*self.options, "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null"]
        if way_in is not None:
            words += ["-o", f"ProxyCommand={way_in.proxy_command(instance_id)}"]
        return words

    def through(self, address: str, host_key: str) -> str:
        """The command that leads through a machine with ssh, as ssh's ProxyCommand."""
        destination = f"{self.user}@{address}"
        words = [*ssh_words(destination, [*trust(address, host_key), *self.route()]), destination]
        return " ".join(["ssh -W %h:%p", *map(_proxy_word, words)])


def trust(address: str, host_key: str) -> list[str]:
    """The options of ssh that make it trust a machine's host key, `ssh-ed25519 <key>`, from no file on this machine."""
    return ["-o", f"KnownHostsCommand=/bin/echo {address} {host_key}"]


def _proxy_word(text: str) -> str:
    """A word of a ProxyCommand, which a shell runs after ssh has replaced what follows a '%'."""
    return shell_word(replaced(text, "%", "%%"))


@dataclass(frozen=True)
class SessionManager:
    """The way in by AWS Systems Manager: no bastion, no open port; who may is said by IAM.

    It needs the aws command and its session-manager-plugin on the machine that deploys, and on the cluster's machines
    the SSM agent, which Debian's own packages do not have: an image (`ami`) that has it.

    Args:
        region: of the machines.
    """

    region: str

    def proxy_command(self, instance_id: str) -> str:
        """As the AWS documentation has it (Session Manager, ssh connections)."""
        return (
            f"aws ssm start-session --region {_proxy_word(self.region)} --target {_proxy_word(instance_id)} "
            "--document-name AWS-StartSSHSession --parameters portNumber=%p"
        )
