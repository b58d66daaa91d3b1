"""Throwaway clusters on a host of the sandbox: the command, and what clusters have there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox import packages
from sandbox.hosts import Host
from sandbox.project import ROOT, environment

SECONDS = 300

# Prints the directories, the cgroups and the packet filters that clusters have on a host.
_LEFT = """
ls -d /var/lib/cdktf-mesos/throwaway /var/run/cdktf-mesos/*-agent-* /sys/fs/cgroup/*/mesos-* 2> /dev/null
iptables -S | grep cdktf-mesos
true
"""


class Command:
    """Runs `cdktf-mesos` with the host's engine, and with directories of its own.

    Args:
        host: the host.
        directory: for what the command writes.
        variables: further environment variables.
    """

    def __init__(self, host: Host, directory: Path, variables: Mapping[str, str] | None = None) -> None:
        self.host, self.state = host, directory / "state"
        self.words = [sys.executable, "-m", "cdktf_mesos.operations"]
        self.environment = {
            **environment(),
            "PYTHONPATH": f"{ROOT / 'constructs'}:{ROOT}",
            "DOCKER_HOST": host.engine,
            "XDG_STATE_HOME": str(self.state),
            "XDG_CACHE_HOME": str(directory / "cache"),
            **(variables or {}),
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, which must be a success."""
        done = self.attempt(*words)
        assert done.returncode == 0, done.stderr
        return done

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [*self.words, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def agents(self, name: str) -> int:
        """How many agents of a cluster are registered and active."""
        return int(json.loads(self.run("state", "--name", name).stdout)["activated_slaves"])

    def up(self, name: str, *more: str) -> dict[str, str]:
        """Start a cluster; returns its addresses."""
        found: dict[str, str] = json.loads(
            self.run("up", "--name", name, "--address", self.host.address, "--json", *more).stdout
        )
        return found


def containers(host: Host) -> dict[str, str]:
    """The ids of all containers of the host, by their names."""
    client = host.docker()
    try:
        return {str(each.name): str(each.id) for each in client.containers.list(all=True)}
    finally:
        client.close()


def left_on(host: Host) -> list[str]:
    """The directories, cgroups and packet filters that clusters have on the host, and its volumes and networks."""
    client = host.docker()
    try:
        volumes = [str(each.name) for each in client.volumes.list()]
        networks = [str(each.name) for each in client.networks.list()]
    finally:
        client.close()
    return [*host.run("sh", "-c", _LEFT).splitlines(), *sorted(volumes), *sorted(networks)]


def images_of(host: Host) -> set[str]:
    """The names of all images of the host."""
    client = host.docker()
    try:
        return {tag for each in client.images.list() for tag in each.tags}
    finally:
        client.close()


@contextmanager
def commands(host: Host, directory: Path, variables: Mapping[str, str] | None = None) -> Iterator[Command]:
    """The command, as `Command` says. All its clusters are removed at the end, and nothing may be left."""
    packages.ensure("iptables")
    before, left_before = containers(host), left_on(host)
    command = Command(host, directory, variables)
    try:
        yield command
    finally:
        command.run("down", "--all")
    assert containers(host) == before
    assert left_on(host) == left_before
