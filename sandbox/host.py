"""One host of the sandbox: Terraform, ssh and Mesos see a machine; in fact it is a set of Linux namespaces."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from dataclasses import dataclass

import docker
import requests

from sandbox import disk, hostfiles, lock, network, paths, power, ssh
from sandbox.process import PATH, ended, run, send, wait_until

# A host is ready after some seconds. Five that start at the same time on an emulated machine take much longer.
_READY_SECONDS = 120


@dataclass(frozen=True)
class Host:
    """One host, whether it is on or off.

    Args:
        name: the host's name: hs1, hs2 and so on.
    """

    name: str

    @property
    def address(self) -> str:
        """Its IPv4 address, which this machine and the other hosts can reach."""
        return paths.address(self.name)

    @property
    def engine(self) -> str:
        """Its Docker engine for programs on this machine: a socket that outlives power cuts and ignores partitions."""
        return f"unix://{paths.host_dir(self.name) / hostfiles.ENGINE_SOCKET}"

    @property
    def ssh_engine(self) -> str:
        """Its Docker engine as that of a remote machine; use it with `ssh_opts`."""
        return f"ssh://{paths.USER}@{self.address}"

    @property
    def ssh_opts(self) -> list[str]:
        """The ssh options for the Docker provider."""
        return ssh.options()

    def docker(self, timeout: float = 60) -> docker.DockerClient:
        """A client of its engine, which the caller closes. A call may take `timeout` seconds."""
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
        """Starts it, unless it is on, and waits until its engine can be used over ssh."""
        with lock.held():
            power.on(self.name)
        self.wait_ready()

    def reboot(self) -> None:
        """Shuts it down, starts it again, and waits until its engine can be used over ssh."""
        self.engine_stop()
        self.power_off()
        self.power_on()

    def partition(self) -> None:
        """Pulls its network cable."""
        network.set_link(self.name, up=False)

    def heal(self) -> None:
        """Plugs its network cable in again."""
        network.set_link(self.name, up=True)

    def engine_stop(self) -> None:
        """Stops its engine cleanly, and the containers with it; does nothing if no engine runs."""
        process = power.engine(self.name)
        if process:
            send(process, signal.SIGTERM)
            send(process, signal.SIGCONT)
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: ended(process), str)
                return
            # Now and then dockerd has stopped all containers and does not end. Kill it, as systemd does with a service.
            send(process, signal.SIGKILL)
            wait_until(lambda: ended(process), lambda: f"{self.name}: dockerd does not end: see {self._log}")

    def engine_start(self) -> None:
        """Starts its engine unless one runs, and waits until it answers."""
        send(self._init(), signal.SIGUSR1)
        wait_until(self.engine_answers, lambda: f"{self.name}: its engine does not answer: see {self._log}")

    def engine_hang(self) -> None:
        """Freezes its engine: it accepts connections, but answers nothing."""
        send(self._engine(), signal.SIGSTOP)

    def engine_resume(self) -> None:
        """Unfreezes its engine."""
        send(self._engine(), signal.SIGCONT)

    @property
    def disk_is_full(self) -> bool:
        """Whether `disk_full` has filled its disk."""
        return bool(self.run(*disk.FIND))

    def disk_full(self) -> None:
        """Fills the disk with the clusters' data. The engine's data and the logs are on another disk.

        Raises:
            RuntimeError: the host is off, or has no such disk because this machine has no loop devices.
        """
        self.run("sh", "-c", disk.FILL)

    def disk_free(self) -> None:
        """Frees the disk that `disk_full` filled."""
        self.run(*disk.FREE)

    def end_faults(self) -> None:
        """Undoes every fault, a power cut too, and waits until its engine can be used over ssh."""
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
        """Waits until its engine can be used over ssh.

        Raises:
            TimeoutError: it cannot; the text names the log.
        """
        wait_until(
            self._started_and_answers,
            lambda: f"{self.name}: its engine does not answer: see {self._log}",
            _READY_SECONDS,
        )
        wait_until(
            lambda: self._login_runs("docker", "version", seconds=30),
            lambda: f"{self.name}: its engine does not answer over ssh: see {self._sshd_log}",
            _READY_SECONDS,
        )

    def command(self, *words: str) -> list[str]:
        """The command that runs `words` as root on the host, by default a login shell."""
        inside = words or ("bash", "--login")
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        enter = ["nsenter", f"--target={self._init()}", *spaces, "--wd=/"]
        return [*enter, "env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "TERM=xterm", *inside]

    def run(self, *words: str, timeout: float = 60) -> str:
        """Runs a command as root on the host and returns its standard output.

        Raises:
            RuntimeError: it failed, took longer than `timeout` seconds, or the host is off.
        """
        return run(*self.command(*words), timeout=timeout)

    def _on_and_answers(self) -> bool:
        self._check_on()
        return self.engine_answers()

    def _started_and_answers(self) -> bool:
        if self.is_on and power.engine(self.name) is None:
            # Its first start has not come yet; or it failed, as it does on a slow machine where containerd takes more
            # than dockerd's 15 s. Then systemd starts it again, too.
            send(self._init(), signal.SIGUSR1)
        return self._on_and_answers()

    def _check_on(self) -> None:
        if not self.is_on:
            raise RuntimeError(f"{self.name} has stopped: see {paths.host_dir(self.name) / 'console.log'}")

    def _login_runs(self, *words: str, seconds: float = 10) -> bool:
        """Whether the user who deploys can log in and run this command."""
        login = ["ssh", *ssh.login_options(), f"{paths.USER}@{self.address}", *words]
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(login, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds).returncode == 0
        return False

    def _init(self) -> int:
        process = power.init(self.name)
        if process is None:
            raise RuntimeError(f"{self.name} is off")
        return process

    def _engine(self) -> int:
        process = power.engine(self.name)
        if process is None:
            raise RuntimeError(f"no engine runs on {self.name}")
        return process

    @property
    def _log(self) -> str:
        return str(paths.host_dir(self.name) / "var/log/dockerd.log")

    @property
    def _sshd_log(self) -> str:
        return str(paths.host_dir(self.name) / "var/log/sshd.log")
