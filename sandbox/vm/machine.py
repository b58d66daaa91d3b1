"""One virtual machine of the sandbox, which is a host like the others."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass

from sandbox import lock, paths, ssh
from sandbox.host import Host
from sandbox.process import run, wait_until
from sandbox.vm import files, qemu
from sandbox.vm.kinds import KINDS, Kind

# Seconds to wait for an emulated machine. It boots in half a minute; with load, it takes many times longer.
EMULATED_SECONDS = 600
_ENGINE_PORT = 2375
_UNITS = ("docker.socket", "docker.service")


@dataclass(frozen=True)
class VirtualMachine(Host):
    """A host with a kernel, an init system and an engine of its own; it need not be on.

    Args:
        name: vm1, vm2 and so on.
    """

    @property
    def kind_name(self) -> str:
        """The name of its kind."""
        return files.read(self.name).kind_name

    @property
    def kind(self) -> Kind:
        """What it was made as."""
        return KINDS[self.kind_name]

    @property
    def engine(self) -> str:
        """Its Docker engine for programs on this machine, without ssh; does not work in a partition."""
        return f"tcp://{self.address}:{_ENGINE_PORT}"

    @property
    def is_on(self) -> bool:
        """Whether it has power."""
        return qemu.process(self.name) is not None

    def power_off(self) -> None:
        """Cuts its power: what it has not written to its disk is lost."""
        with lock.held():
            ssh.close_master(self._root)
            qemu.off(self.name)

    def power_on(self) -> None:
        """Starts it and waits until its engine can be used over ssh. Does nothing if it is on."""
        with lock.held():
            qemu.on(self.name)
        self.wait_ready()

    def reboot(self) -> None:
        """Shuts it down, boots it again, and waits until its engine can be used over ssh."""
        before = self._boot()
        run(*self.command("systemctl", "reboot"), check=False)  # the login may end before its answer
        ssh.close_master(self._root)
        wait_until(
            lambda: self._boot() not in {None, before},
            lambda: f"{self.name} does not boot: see {self._log}",
            EMULATED_SECONDS,
        )
        self.wait_ready()

    def engine_stop(self) -> None:
        """Stops its engine cleanly, and the containers with it. Does nothing if it does not run."""
        self.run("systemctl", "stop", *_UNITS, timeout=EMULATED_SECONDS)

    def engine_start(self) -> None:
        """Starts its engine unless one runs, and waits until it answers."""
        self.run("systemctl", "start", *_UNITS, timeout=EMULATED_SECONDS)
        wait_until(
            self.engine_answers, lambda: f"{self.name}: its engine does not answer: see {self._log}", EMULATED_SECONDS
        )

    def engine_hang(self) -> None:
        """Makes its engine hang: it accepts connections and answers nothing."""
        self.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", "docker.service")

    def engine_resume(self) -> None:
        """Lets a hung engine continue."""
        self.run("systemctl", "kill", "--kill-who=main", "--signal=CONT", "docker.service")

    @property
    def disk_is_full(self) -> bool:
        """Whether `disk_full` has filled its disk."""
        return self.kind.has_engine and super().disk_is_full

    def end_faults(self) -> None:
        """Undoes every fault, a power cut as well, and waits until its engine can be used over ssh."""
        if self.is_on:
            self.heal()
            self._wait_login("true")
            if self.kind.has_engine:
                with contextlib.suppress(RuntimeError):  # no engine hangs
                    self.engine_resume()
                self.engine_start()
        self.power_on()
        if self.kind.has_engine:
            self.disk_free()

    def wait_ready(self) -> None:
        """Waits until its engine can be used over ssh; without an engine, until a login succeeds.

        Raises:
            TimeoutError: it cannot; the text names the log of its console.
        """
        if self.kind.has_engine:
            wait_until(
                self._on_and_answers,
                lambda: f"{self.name}: its engine does not answer: see {self._log}",
                EMULATED_SECONDS,
            )
        self._wait_login(*(("docker", "version") if self.kind.has_engine else ("true",)))

    def command(self, *words: str) -> list[str]:
        """The command that runs these words as root on the host, by default a login shell."""
        return ["ssh", *ssh.options(), *([] if words else ["-t"]), self._root, *([shlex.join(words)] if words else [])]

    def _wait_login(self, *words: str) -> None:
        def succeeds() -> bool:
            self._check_on()
            return self._login_runs(*words, seconds=60)

        wait_until(succeeds, lambda: f"{self.name}: no login succeeds: see {self._log}", EMULATED_SECONDS)

    def _boot(self) -> str | None:
        """The id of this boot, or None while it has no login."""
        with contextlib.suppress(RuntimeError):
            return self.run("cat", "/proc/sys/kernel/random/boot_id")
        return None

    @property
    def _root(self) -> str:
        return f"root@{self.address}"

    @property
    def _log(self) -> str:
        return str(paths.host_dir(self.name) / files.CONSOLE)
