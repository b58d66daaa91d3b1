"""How the machine that deploys logs in to the cluster's: whom it trusts, and which way it takes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cdktf_mesos.host.host import SSH_OPTIONS


class WayIn(Protocol):
    """What leads from outside to the machines without a public address."""

    @property
    def name(self) -> str:
        """What tells connections by this way from those by another; part of a file's name."""
        ...

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
            # Two clusters may use the same private addresses, and ssh would take one's shared connection for the other.
            words += ["-o", f"ControlPath=~/.ssh/cm-{way_in.name}-%C"]
            words += ["-o", f"ProxyCommand={way_in.proxy_command(instance_id)}"]
        return words

    def through(self, address: str, host_key: str) -> str:
        """The command that leads through a machine with ssh, as ssh's ProxyCommand."""
        words = [*trust(address, host_key), *self.route(), *SSH_OPTIONS, f"{self.user}@{address}"]
        # Of a ProxyCommand, ssh itself replaces what follows a '%'.
        return " ".join(["ssh -W %h:%p", *(shlex.quote(word.replace("%", "%%")) for word in words)])


def trust(address: str, host_key: str) -> list[str]:
    """The options of ssh that make it trust a machine's host key, `ssh-ed25519 <key>`, from no file on this machine."""
    return ["-o", f"KnownHostsCommand=/bin/echo {address} {host_key}"]


@dataclass(frozen=True)
class SessionManager:
    """The way in by AWS Systems Manager: no bastion, no open port; who may is said by IAM.

    It needs the aws command and its session-manager-plugin on the machine that deploys, and on the cluster's machines
    the SSM agent, which Debian's own packages do not have: an image (`ami`) that has it.

    Args:
        region: of the machines.
        vpc_id: of the machines.
    """

    region: str
    vpc_id: str

    @property
    def name(self) -> str:
        """The VPC: addresses are unique in it."""
        return self.vpc_id

    def proxy_command(self, instance_id: str) -> str:
        """As the AWS documentation has it (Session Manager, ssh connections)."""
        return (
            f"aws ssm start-session --region {self.region} --target {instance_id} "
            "--document-name AWS-StartSSHSession --parameters portNumber=%p"
        )
