"""The machine room: polls the API, and makes each host follow its instance."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from sandbox import hosts, lock, power
from sandbox.ec2 import groups, inventory
from sandbox.ec2.firewall import Firewalls
from sandbox.ec2.forward import Forwards
from sandbox.ec2.inventory import Instance
from sandbox.ec2.journal import Journal
from sandbox.ec2.machine import Machine
from sandbox.ec2.steps import Step, due
from sandbox.hosts import Host

_SECONDS = 0.5  # between two polls


class Room(threading.Thread):
    """Follows the API until it is closed.

    Args:
        api: a boto3 client of EC2.
        environment: the environment of the hosts' `aws` commands.
        firewalls: the hosts' packet filters.
        journal: where events and failures are logged.
    """

    def __init__(self, api: Any, environment: Mapping[str, str], firewalls: Firewalls, journal: Journal) -> None:
        super().__init__(daemon=True, name="machine room")
        self._api = api
        self._environment = environment
        self._journal = journal
        self._closing = threading.Event()
        self._machines: dict[str, Machine] = {}
        self._jobs: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="machine")
        self._forwards = Forwards(journal)
        self._firewalls = firewalls

    def run(self) -> None:
        """Poll the API until the room is closed; the thread's main function."""
        while not self._closing.wait(_SECONDS):
            self._guarded("the machine room", self._look)

    def ready(self, instance: str) -> list[Host]:
        """The host of an instance, as a list; empty until it is up and its first boot has done its work."""
        machines = list(self._machines.values())  # another thread adds to them
        return [machine.host for machine in machines if machine.instance == instance and machine.is_ready]

    def close(self) -> None:
        """Stops polling, and removes all hosts of instances."""
        self._closing.set()
        if self.ident:
            self.join()
        self._forwards.update({})
        self._pool.shutdown(wait=False, cancel_futures=True)
        # Switching a host off ends its programs, and so the jobs that wait for them.
        for name in self._machines:
            with lock.held():
                power.off(name)
        self._pool.shutdown()
        for name in self._machines:
            with lock.held():
                hosts.remove(name)

    def _look(self) -> None:
        instances = inventory.instances(self._api)
        self._firewalls.update(groups.read(self._api))
        self._forwards.update(inventory.public_addresses(self._api))
        for name in {instance.host for instance in instances} - set(self._machines):
            if Host(name) in hosts.existing():
                self._journal.fail(f"{name} exists already, outside of EC2: an instance with its address gets no host")
            else:
                self._machines[name] = self._machine(name)
        for name, machine in self._machines.items():
            # Also while it boots: a port that its program needs may be opened only now.
            self._guarded(f"{name}'s security groups", partial(self._firewalls.enforce, name))
            if name not in self._jobs or self._jobs[name].done():
                self._begin(machine, [instance for instance in instances if instance.host == name])

    def _machine(self, name: str) -> Machine:
        return Machine(
            Host(name),
            api=self._api,
            environment=self._environment,
            firewalls=self._firewalls,
            closing=self._closing,
            journal=self._journal,
        )

    def _begin(self, machine: Machine, here: Sequence[Instance]) -> None:
        """Begins a machine's next step, if there is one."""
        job = _job(machine, here)
        if job:
            what = f"{machine.host.name}, {[(each.id, each.state) for each in here]}"
            self._jobs[machine.host.name] = self._pool.submit(self._guarded, what, job)

    def _guarded(self, what: str, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as problem:  # in a thread, nobody else would see it
            if not self._closing.is_set():
                self._journal.fail(f"{what}: {type(problem).__name__}: {problem}")


def _job(machine: Machine, here: Sequence[Instance]) -> Callable[[], None] | None:
    running = next((each for each in here if each.state == "running"), None)
    match due(machine.instance, machine.is_on, here):
        case Step.BOOT if running:
            return partial(machine.boot, running)
        case Step.START:
            return machine.start
        case Step.STOP | Step.END as step:
            return partial(machine.stop, for_good=step is Step.END)
    return None
