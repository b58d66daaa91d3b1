"""The ssh login to the cluster's machines: the user, the trusted host keys, and the way to the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cdktf_mesos.expressions import replaced, shell_word
from cdktf_mesos.host.ssh import ssh_words

HOST_KEY = "^ssh-ed25519 [A-Za-z0-9+/]{68}$"
"""Regular expression of a host key as machines publish it, valid in Terraform and bash (RFC 8709, section 4)."""


class WayIn(Protocol):
    """A way from outside to machines without a public address: a bastion, or the Session Manager."""

    def proxy_command(self, instance_id: str) -> str:
        """The ProxyCommand of ssh for an instance: it connects its input and output to the instance's ssh port."""
        ...


@dataclass(frozen=True)
class Login:
    """The user that logs in to machines, and how.

    Args:
        user: a user of the machines' image; by default `admin`, the user of Debian's images.
        options: further words of the ssh command, such as `("-i", "<key>", "-o", "IdentitiesOnly=yes")`; by default
            there are none, and ssh uses the keys of the ssh agent.
    """

    user: str = "admin"
    options: Sequence[str] = ()

    def route(self, way_in: WayIn | None = None, instance_id: str = "") -> list[str]:
        """The options of ssh that lead to a machine: directly, or through `way_in` to an instance."""
        words = [*self.options, "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null"]
        if way_in is not None:
            words += ["-o", f"ProxyCommand={way_in.proxy_command(instance_id)}"]
        return words

    def through(self, address: str, host_key: str) -> str:
        """The ProxyCommand of ssh that leads through a machine."""
        destination = f"{self.user}@{address}"
        words = [*ssh_words(destination, [*trust(address, host_key), *self.route()]), destination]
        return " ".join(["ssh -W %h:%p", *map(_proxy_word, words)])


def trust(address: str, host_key: str) -> list[str]:
    """The options of ssh that make it trust the given host key, `ssh-ed25519 <key>`, without a known_hosts file."""
    return ["-o", f"KnownHostsCommand=/bin/echo {address} {host_key}"]


def _proxy_word(text: str) -> str:
    """Text quoted as a word of a ProxyCommand: ssh first replaces what follows a '%', then a shell runs the command."""
    return shell_word(replaced(text, "%", "%%"))


@dataclass(frozen=True)
class SessionManager:
    """The way in by AWS Systems Manager: no bastion and no open port; IAM decides who may connect.

    The machine that deploys needs the aws command and its session-manager-plugin. The cluster's machines need the SSM
    agent. Debian has no package of it, so use an image (`ami`) that has it.

    Args:
        region: the region of the machines.
    """

    region: str

    def proxy_command(self, instance_id: str) -> str:
        """The ProxyCommand of the AWS documentation (Session Manager, ssh connections)."""
        return (
            f"aws ssm start-session --region {_proxy_word(self.region)} --target {_proxy_word(instance_id)} "
            "--document-name AWS-StartSSHSession --parameters portNumber=%p"
        )
