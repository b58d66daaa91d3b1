"""Which engine the demo runs on."""

from __future__ import annotations

import os
from dataclasses import dataclass

import docker
from docker.errors import DockerException
from requests import RequestException

from sandbox import hosts, images, machine
from sandbox.demo import MARATHON, TASK_IMAGE, ZOOKEEPER

# From and to which release the demo goes, by what can be had.
PUBLIC = ("1.7.0", "1.7.1")
SANDBOX = ("1.10.0", "1.11.0")


@dataclass(frozen=True)
class Place:
    """An engine, and what can be deployed to it.

    Args:
        engine: as `DockerHost` takes it.
        address: of the host.
        mesos: the releases to go from and to.
        said: which one it is, in a line for a person.
    """

    engine: str
    address: str
    mesos: tuple[str, str]
    said: str

    def client(self) -> docker.DockerClient:
        """A client of the engine."""
        return docker.DockerClient(base_url=self.engine, version="auto", timeout=60)


def choose() -> Place:
    """The machine's own engine where it will do, else a host of the sandbox.

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
    (host,) = hosts.up(1)
    said = f"a host of the sandbox, {host.name} at {host.address}, as this machine's own engine will not do: {own}"
    return Place(host.engine, host.address, SANDBOX, said)


def _images(releases: tuple[str, str]) -> list[str]:
    """The images of a cluster that goes from one release of Mesos to another."""
    names = ("mesosphere/mesos-master", "mesosphere/mesos-slave", "mesosphere/mesos")
    mesos = [f"{name}:{release}" for release in releases for name in names]
    return [f"zookeeper:{ZOOKEEPER}", f"mesosphere/marathon:{MARATHON}", *mesos]


def _own() -> Place | str:
    """This machine's own engine, or the reason why it will not do."""
    engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not engine.startswith("unix://"):
        return f"{engine} is on another machine"
    place = Place(engine, "127.0.0.1", PUBLIC, f"this machine's own engine, {engine}, with public images")
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
        for image in _images(PUBLIC):
            client.images.get_registry_data(image)
    except (DockerException, RequestException) as error:
        return f"its images cannot be had: {error}"
    finally:
        client.close()
    return place
