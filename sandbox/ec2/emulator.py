"""An EC2 whose instances are hosts of the sandbox."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from sandbox import hosts, lock
from sandbox.ec2 import firewall, guest, server
from sandbox.ec2.firewall import Firewalls
from sandbox.ec2.journal import Journal
from sandbox.ec2.room import Room
from sandbox.hosts import Host
from sandbox.process import wait_until


class Ec2:
    """AWS with EC2 for the length of a block: moto is the API, and a machine room makes the hosts follow it.

    * An instance with the private address of a host (`sandbox.paths.address`: hs40 has 10.213.7.50) is that host.
    * A new instance is a host with new files: the user `ops`, who can log in with the instance's key pair, and the
      files of its user data. Of the programs in the user data only `cdktf-mesos-host publish` is run.
    * An instance's first data volume outlives it.
    * Elastic addresses are on this machine's loopback. Each leads to port 22 of its host.
    * Security groups are enforced, also against this machine. It reaches port 22 of hosts where a rule opens that port
      to a network, and the other hosts only through these, as an administrator does.
    * The sandbox's bridge and registry are started if they do not run, and stay.

    Args:
        region: the AWS region.
        open_to_machine: whether this machine reaches all ports of all hosts, which tests that watch a cluster need.
            Between hosts the security groups apply in any case. By default it does not.
    """

    def __init__(self, region: str = "eu-central-1", *, open_to_machine: bool = False) -> None:
        self.region = region
        self._open_to_machine = open_to_machine
        self._journal = Journal(server.folder() / "room.log")

    def __enter__(self) -> Ec2:
        """Starts the API and the machine room.

        Raises:
            RuntimeError: a sandbox cannot run here, or another process is in such a block.
            TimeoutError: moto does not answer.
        """
        with lock.held():
            hosts.prepare()
        with ExitStack() as stack:
            stack.enter_context(server.alone())
            firewall.ensure_possible()
            for log in (self._journal.log, server.log()):
                log.unlink(missing_ok=True)
            _clear()
            stack.callback(_clear)
            stack.callback(server.stop)
            server.begin()
            firewalls = Firewalls(self._open_to_machine)
            self._room = Room(self.client("ec2"), self.environment(), firewalls, self._journal)
            stack.callback(self._room.close)
            self._room.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes the hosts of all instances, the volumes and the API; the logs stay."""
        self._stack.close()

    @property
    def failures(self) -> list[str]:
        """What has failed in the machine room so far. `ec2/room.log` in the sandbox's state folder has it, too."""
        return list(self._journal.failures)

    def environment(self) -> dict[str, str]:
        """The variables that direct the AWS CLI, Terraform's AWS provider and its S3 backend to this EC2."""
        return server.API.environment(self.region)

    def client(self, service: str) -> Any:
        """A boto3 client of a service, such as `ec2` or `ssm`."""
        return server.API.client(service, self.region)

    def wait_ready(self, instance: str, seconds: float = 60) -> Host:
        """Waits until an instance is up and its first boot has done its work; returns its host.

        Raises:
            RuntimeError: something failed for this instance.
            TimeoutError: it was not ready within `seconds`; the text names the log.
        """
        found: list[Host] = []

        def is_ready() -> bool:
            failures = [each for each in self.failures if instance in each]
            if failures:
                raise RuntimeError("; ".join(failures))
            found.extend(self._room.ready(instance))
            return bool(found)

        wait_until(is_ready, lambda: f"{instance} does not come up: see {self._journal.log}", seconds)
        return found[0]


def _clear() -> None:
    """Removes volumes, and hosts that were left by a block that was killed."""
    for host in hosts.existing():
        if guest.is_one(host.name):
            with lock.held():
                hosts.remove(host.name)
    shutil.rmtree(server.volumes(), ignore_errors=True)
