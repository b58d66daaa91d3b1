"""A real cluster on a host of the sandbox, deployed by `cdktf deploy`, that the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import hosts, images, lock, machine
from sandbox.ec2.emulator import Ec2
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project

# Beside the demo's hosts, which may be up: one for the shared cluster, one for the releases, five for the roll.
NAMES = tuple(f"hs{number}" for number in range(6, 13))

PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


@pytest.fixture(scope="session")
def machines() -> Iterator[list[Host]]:
    """Machines with engines of their own; gone afterwards, and the whole sandbox if it was not up before."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    before = hosts.existing()
    try:
        images.ensure()
        yield [host for host in hosts.up(12) if host.name in NAMES]
    finally:
        if not before:
            hosts.down()
        for host in hosts.existing():
            if host not in before:
                with lock.held():
                    hosts.remove(host.name)


@pytest.fixture(scope="session")
def host(machines: list[Host]) -> Host:
    """The machine that the shared cluster runs on."""
    return machines[0]


@pytest.fixture(scope="session")
def control(machines: list[Host]) -> list[Host]:
    """The machines of a control plane."""
    return machines[2:5]


@pytest.fixture(scope="session")
def agents(machines: list[Host]) -> list[Host]:
    """The machines of its agents."""
    return machines[5:7]


@pytest.fixture(scope="session")
def project(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The application with a directory of its own; its images have what a broken one burns: 45 s to become healthy."""
    return Project(
        tmp_path_factory.mktemp("project"),
        name="e2e",
        platform={"engine": host.engine, "address": host.address},
        wait_seconds=45,
        agents={"cpus": 1, "mem_mib": 512, "disk_mib": 1024},
        **PINS,
    )


@pytest.fixture(scope="session")
def deployed(project: Project) -> LiveCluster:
    """The cluster, deployed once."""
    project.deploy()
    return LiveCluster(project.outputs())


@pytest.fixture
def cluster(project: Project, deployed: LiveCluster) -> LiveCluster:
    """The cluster, serving, with an app that runs one task."""
    deployed.wait_until_serving(agents=1)
    if "/web" not in deployed.apps():
        deployed.run_app("web", image="busybox:1.35.0", command="exec sleep 100000")
    deployed.wait_for_tasks("web")
    return deployed


@pytest.fixture(scope="module")
def ec2() -> Iterator[Ec2]:
    """An AWS of the tests' own; no instance outlives it."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    images.ensure()
    with Ec2(open_to_machine=True) as ec2:
        yield ec2
