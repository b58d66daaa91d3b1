"""One host of the sandbox: a machine to Terraform, ssh and Mesos, a set of namespaces to this one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from dataclasses import dataclass

import docker
import requests

from sandbox import disk, hostfiles, lock, network, paths, power, ssh
from sandbox.process import PATH, ended, run, send, wait_until


@dataclass(frozen=True)
class Host:
    """One host; it need not be on.

    Args:
        name: hs1, hs2 and so on.
    """

    name: str

    @property
    def address(self) -> str:
        """Its IPv4 address, which the machine and the other hosts reach."""
        return paths.address(self.name)

    @property
    def engine(self) -> str:
        """Its Docker engine for programs on this machine; stays the same over power cuts, and works in a partition."""
        return f"unix://{paths.host_dir(self.name) / hostfiles.ENGINE_SOCKET}"

    @property
    def ssh_engine(self) -> str:
        """Its Docker engine as a remote machine's; goes with `ssh_opts`."""
        return f"ssh://{paths.USER}@{self.address}"

    @property
    def ssh_opts(self) -> list[str]:
        """The options of ssh for the Docker provider."""
        return ssh.options()

    def docker(self, timeout: float = 60) -> docker.DockerClient:
        """A client of its engine; to be closed. A call of its API may take that many seconds."""
        return docker.DockerClient(base_url=self.engine, version="1.41", timeout=int(timeout))

    @property
    def is_on(self) -> bool:
        """Whether it has power."""
        return power.init(self.name) is not None

    def power_off(self) -> None:
        """Cuts its power."""
        with lock.held():
            power.off(self.name)

    def power_on(self) -> None:
        """Starts it and waits until a login reaches its engine; nothing to do when it is on."""
        with lock.held():
            power.on(self.name)
        self.wait_ready()

    def partition(self) -> None:
        """Pulls its network cable."""
        network.set_link(self.name, up=False)

    def heal(self) -> None:
        """Plugs its network cable in again."""
        network.set_link(self.name, up=True)

    def engine_stop(self) -> None:
        """Ends its engine cleanly, and the containers with it; nothing to do when none runs."""
        process = power.engine(self.name)
        if process:
            send(process, signal.SIGTERM)
            send(process, signal.SIGCONT)
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: ended(process), str)
                return
            # Now and then one has stopped all and does not end; as systemd does it with a service.
            send(process, signal.SIGKILL)
            wait_until(lambda: ended(process), lambda: f"{self.name}: dockerd does not end: see {self._log}")

    def engine_start(self) -> None:
        """Starts its engine unless one runs, and waits until it answers."""
        send(self._init(), signal.SIGUSR1)
        wait_until(self.engine_answers, lambda: f"{self.name}: no engine: see {self._log}")

    def engine_hang(self) -> None:
        """Stops its engine in its tracks: connections are taken, nothing is answered."""
        send(self._engine(), signal.SIGSTOP)

    def engine_resume(self) -> None:
        """Lets a hung engine go on."""
        send(self._engine(), signal.SIGCONT)

    @property
    def disk_is_full(self) -> bool:
        """Whether `disk_full` has filled its disk."""
        return bool(self.run(*disk.FIND))

    def disk_full(self) -> None:
        """Fills the disk that has the clusters' data; the engine and the logs have another.

        Raises:
            RuntimeError: it has no such disk, since the machine has no loop devices, or is off.
        """
        self.run("sh", "-c", disk.FILL)

    def disk_free(self) -> None:
        """Takes away again what filled the disk."""
        self.run(*disk.FREE)

    def end_faults(self) -> None:
        """Undoes every fault, a power cut as well, and waits until a login reaches its engine."""
        if self.is_on:
            self.heal()
            if process := power.engine(self.name):
                send(process, signal.SIGCONT)
                try:
                    wait_until(self.engine_answers, str, 30)
                except TimeoutError:
                    self.engine_stop()
            send(self._init(), signal.SIGUSR1)
        self.power_on()
        self.disk_free()

    def engine_answers(self) -> bool:
        """Whether its engine answers at once."""
        failures = (docker.errors.DockerException, requests.RequestException)
        with contextlib.suppress(*failures), contextlib.closing(self.docker(timeout=2)) as client:
            return bool(client.ping())
        return False

    def wait_ready(self) -> None:
        """Waits until a login reaches its engine.

        Raises:
            TimeoutError: none did; the text names the logs.
        """
        wait_until(self._on_and_answers, lambda: f"{self.name}: no engine: see {self._log}")
        wait_until(
            self._login_reaches_engine,
            lambda: f"{self.name}: no engine over ssh: see {paths.host_dir(self.name) / 'var/log/sshd.log'}",
        )

    def command(self, *words: str) -> list[str]:
        """The command that runs these words as root on the host, by default a login shell."""
        inside = words or ("bash", "--login")
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        enter = ["nsenter", f"--target={self._init()}", *spaces, "--wd=/"]
        return [*enter, "env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "TERM=xterm", *inside]

    def run(self, *words: str, timeout: float = 60) -> str:
        """Runs a command as root on the host and returns its standard output.

        Raises:
            RuntimeError: it failed, took longer than that many seconds, or the host is off.
        """
        return run(*self.command(*words), timeout=timeout)

    def _on_and_answers(self) -> bool:
        if not self.is_on:
            raise RuntimeError(f"{self.name} has gone off: see {paths.host_dir(self.name) / 'console.log'}")
        return self.engine_answers()

    def _login_reaches_engine(self) -> bool:
        login = ["ssh", *ssh.login_options(), f"{paths.USER}@{self.address}", "docker", "version"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(login, stdin=subprocess.DEVNULL, capture_output=True, timeout=10).returncode == 0
        return False

    def _init(self) -> int:
        process = power.init(self.name)
        if process is None:
            raise RuntimeError(f"{self.name} is off")
        return process

    def _engine(self) -> int:
        process = power.engine(self.name)
        if process is None:
            raise RuntimeError(f"{self.name} runs no engine")
        return process

    @property
    def _log(self) -> str:
        return str(paths.host_dir(self.name) / "var/log/dockerd.log")
