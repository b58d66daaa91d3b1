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
    """EC2 and the rest of AWS for the length of a block: moto as the API, and a machine room that follows it.

    An instance whose private address is that of a host (`sandbox.paths.address`, so hs40 is 10.213.7.50) is that host.
    A new instance is a host with new files: the user `ops`, whom its key pair lets in, and its user data's files;
    of its programs only `cdktf-mesos-host publish` runs. Its first data volume outlives it. Elastic addresses are on
    this machine's loopback; each leads to its host's port 22. Security groups are enforced, also against this machine:
    it gets to port 22 of hosts that have it open to a network, and from there further, as an administrator does.
    The sandbox's bridge and registry come up if they are not there, and stay.

    Args:
        region: the AWS region.
        open_to_machine: whether this machine gets to all ports of all hosts, as tests do that watch a cluster; among
            the hosts the security groups hold all the same. By default it does not.
    """

    def __init__(self, region: str = "eu-central-1", *, open_to_machine: bool = False) -> None:
        self.region = region
        self._open_to_machine = open_to_machine
        self._journal = Journal(server.folder() / "room.log")

    def __enter__(self) -> Ec2:
        """Begins.

        Raises:
            RuntimeError: a sandbox cannot run here, or another process has such a block.
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
        """What went wrong in the machine room so far; `ec2/room.log` in the sandbox's state has it too."""
        return list(self._journal.failures)

    def environment(self) -> dict[str, str]:
        """The variables with which the AWS CLI, Terraform's AWS provider and its S3 backend work against it."""
        return server.API.environment(self.region)

    def client(self, service: str) -> Any:
        """boto3's client of a service, such as `ec2` or `ssm`."""
        return server.API.client(service, self.region)

    def wait_ready(self, instance: str, seconds: float = 60) -> Host:
        """Waits until an instance is up and its first boot's work is done.

        Raises:
            RuntimeError: something went wrong with it.
            TimeoutError: it was not in that many seconds; the text names the log.
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
    """Removes volumes, and hosts that a block which was killed has left."""
    for host in hosts.existing():
        if guest.is_one(host.name):
            with lock.held():
                hosts.remove(host.name)
    shutil.rmtree(server.volumes(), ignore_errors=True)
