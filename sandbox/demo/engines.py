"""Where the demo runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import DockerException
from requests import RequestException

from sandbox import hosts, images, machine
from sandbox.demo import MARATHON, TASK_IMAGE
from sandbox.hosts import Host
from sandbox.process import run
from sandbox.static import static_platform

# The pins that the demo goes from, and what it changes of them, by what can be had.
PUBLIC = ({"zookeeper_version": "3.9.4", "mesos_version": "1.7.0"}, {"mesos_version": "1.7.1"})
SANDBOX = (
    {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"},
    {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"},
)
CONTROL, AGENTS = 3, 2

# Where members' directories are made.
_DATA = "/var/lib"

Pins = Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """Where a cluster can be deployed, and what.

    Args:
        settings: the cluster's, that say where.
        engines: of the agents' machines, for the Docker client.
        pins: to begin with, and those of them that are changed.
        tasks: how many the app has.
        said: which place it is, in a line for a person.
        control: the machines of the sandbox that ZooKeeper, masters and Marathon are on; none on one's own engine.
        agents: the machines of the sandbox that agents are on; none on one's own engine.
    """

    settings: Mapping[str, Any]
    engines: Sequence[str]
    pins: tuple[Pins, Pins]
    tasks: int
    said: str
    control: Sequence[Host] = ()
    agents: Sequence[Host] = ()


def choose() -> Place:
    """The machine's own engine where it will do, else hosts of the sandbox.

    Raises:
        RuntimeError: neither can be had; with both reasons.
    """
    own = _own()
    if isinstance(own, Place):
        return own
    reason = machine.unavailable()
    if reason:
        raise RuntimeError(f"neither this machine's own engine ({own}) nor a sandbox ({reason}) can be used")
    images.ensure([*_images(SANDBOX), TASK_IMAGE])
    all_hosts = hosts.up(CONTROL + AGENTS)
    control, agents = all_hosts[:CONTROL], all_hosts[CONTROL:]
    settings = {"platform": static_platform(control, agents)}
    names = ", ".join(host.name for host in all_hosts)
    said = f"hosts of the sandbox, {names}, over ssh, as this machine's own engine will not do: {own}"
    return Place(settings, [host.engine for host in agents], SANDBOX, 2 * AGENTS, said, control, agents)


def _images(pins: tuple[Pins, Pins]) -> list[str]:
    """The images of a cluster that goes from the first pins to the second."""
    old, new = pins[0], {**pins[0], **pins[1]}
    names = ("mesosphere/mesos-master", "mesosphere/mesos-slave", "mesosphere/mesos")
    mesos = [f"{name}:{each['mesos_version']}" for each in (old, new) for name in names]
    zookeeper = [f"zookeeper:{version}" for version in dict.fromkeys(each["zookeeper_version"] for each in (old, new))]
    return [*zookeeper, f"mesosphere/marathon:{MARATHON}", *mesos]


def _shares_mounts() -> bool:
    """Whether the engine sees what an agent mounts; where the system does not say so, as on macOS, it is taken to."""
    try:
        return "shared" in run("findmnt", "--noheadings", "--output", "PROPAGATION", "--target", _DATA)
    except (OSError, RuntimeError):
        return True


def _own() -> Place | str:
    """This machine's own engine, or the reason why it will not do."""
    engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not engine.startswith("unix://"):
        return f"{engine} is on another machine"
    said = f"this machine's own engine, {engine}, with public images"
    place = Place({"platform": {"engine": engine, "address": "127.0.0.1"}}, [engine], PUBLIC, 1, said)
    try:
        client = docker.DockerClient(base_url=engine, version="auto", timeout=10)
        found = client.info()
    except (DockerException, RequestException):
        return f"none answers at {engine}"
    try:
        if int(found["ServerVersion"].split(".")[0]) >= 26:
            return f"engine {found['ServerVersion']} is too new: Mesos's Docker containerizer wants one before 26"
        if found.get("CgroupVersion", "1") != "1":
            return "it has cgroup v2, and Mesos's isolators know v1 only"
        if not _shares_mounts():
            return f"{_DATA} is on a private mount, and agents need a shared one (docs/agents.md, persistent volumes)"
        for image in _images(PUBLIC):
            client.images.get_registry_data(image)
    except (DockerException, RequestException) as error:
        return f"its images cannot be had: {error}"
    finally:
        client.close()
    return place
