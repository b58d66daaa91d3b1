"""A host that acts as an instance: boots, does the work of its first boot, and is removed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox import disk, hostfiles, hosts, lock, paths, power
from sandbox.ec2 import guest, inventory, server, userdata
from sandbox.ec2.firewall import Firewalls
from sandbox.ec2.inventory import Instance
from sandbox.ec2.journal import Journal
from sandbox.hosts import Host
from sandbox.process import wait_until

PROGRAM = "/usr/local/sbin/cdktf-mesos-host"
"""The program that this project's instances run at their first boot; `publish` publishes the host key."""

_PUBLISH_SECONDS = 330  # the program itself tries for 300


class Machine:
    """A host that follows its instance. Its methods must not run at the same time.

    Args:
        host: the host.
        api: a boto3 client of EC2.
        environment: the environment of the host's `aws` command.
        firewalls: the packet filters; the host's is enforced as soon as it has a network.
        closing: set when no new boot may begin.
        journal: where events are logged.
    """

    def __init__(
        self,
        host: Host,
        *,
        api: Any,
        environment: Mapping[str, str],
        firewalls: Firewalls,
        closing: threading.Event,
        journal: Journal,
    ) -> None:
        self.host = host
        self.instance: str | None = None
        self.is_on = False
        self.is_ready = False
        self._api = api
        self._environment = environment
        self._firewalls = firewalls
        self._closing = closing
        self._journal = journal

    def boot(self, instance: Instance) -> None:
        """Becomes a new instance, with new files and the data of its volume; then does the work of cloud-init.

        Raises:
            RuntimeError: the host does not start, or its program fails to publish the host key.
            ValueError: the user data cannot be read.
        """
        self.instance, self.is_on, self.is_ready = instance.id, True, False
        user_data = inventory.user_data(self._api, instance.id)
        key = inventory.public_key(self._api, instance.key_name)
        volume = next(iter(instance.volumes), None) or userdata.volume(user_data)
        image = _image(volume) if volume else None
        if image:
            wait_until(lambda: disk.is_free(image), lambda: f"{volume} is still in use")
        with lock.held():
            if self._closing.is_set():
                return
            hosts.remove(self.host.name)
            hostfiles.ensure(self.host.name)
            guest.prepare(self.host.name, self._environment, key)
            if image:
                disk.keep(paths.host_dir(self.host.name), image)
            self._switch_on()
        self._journal.note(f"{self.host.name} boots as {instance.id}, volume {volume}, key {instance.key_name}")
        try:
            self._first_boot(userdata.files(user_data))
        except BaseException:
            guest.set_status(self.host.name, "error")
            raise
        guest.set_status(self.host.name, "done")
        self._up()

    def start(self) -> None:
        """Boots again, as the same instance."""
        self.is_on, self.is_ready = True, False
        with lock.held():
            if self._closing.is_set():
                return
            self._switch_on()
        guest.wait_up(self.host)
        self._up()

    def stop(self, *, for_good: bool) -> None:
        """Shuts down.

        Args:
            for_good: whether to remove the host's files, too.
        """
        self.is_on = self.is_ready = False
        try:
            self.host.engine_stop()
        finally:
            with lock.held():
                if for_good:
                    hosts.remove(self.host.name)
                else:
                    power.off(self.host.name)
            self._journal.note(f"{self.host.name} is {'gone' if for_good else 'off'}")

    def _switch_on(self) -> None:
        power.on(self.host.name)
        self._firewalls.enforce(self.host.name)

    def _first_boot(self, files: Sequence[userdata.File]) -> None:
        for file in files:
            guest.write(self.host.name, file)
        guest.wait_up(self.host)
        if any(file.path == PROGRAM for file in files):
            output = self.host.run(PROGRAM, "publish", timeout=_PUBLISH_SECONDS)
            self._journal.note(f"{self.host.name} published its key: {' '.join(output.split())}")

    def _up(self) -> None:
        self.is_ready = True
        self._journal.note(f"{self.host.name} is up")


def _image(volume: str) -> Path:
    """The path of a volume's disk image."""
    server.volumes().mkdir(exist_ok=True)
    return server.volumes() / f"{volume}.ext4"
