"""Chooses where the demo runs: on this machine's own Docker engine, or on hosts of the sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import DockerException
from requests import RequestException

from sandbox import hosts, images, machine
from sandbox.demo import BALANCER, CHECKS, DOMAIN, MARATHON, SMALL, TASK_IMAGE, WAIT_SECONDS
from sandbox.hosts import Host
from sandbox.process import run
from sandbox.static import static_platform

# The pins that the demo starts with, and those that it changes: with public images, and with the sandbox's images.
PUBLIC = ({"zookeeper_version": "3.9.4", "mesos_version": "1.7.0"}, {"mesos_version": "1.7.1"})
SANDBOX = (
    {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"},
    {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"},
)
# How many machines the control plane and the agents have in the sandbox. `make demo SMALL=yes` has one of each, for a
# slow computer. Its cluster is away while its only ZooKeeper server and master restart.
CONTROL, AGENTS = (1, 1) if SMALL else (3, 2)

# Engines that accept only clients from API 1.40 on refuse the docker commands in Mesos's public images.
OLDEST_API = 40

# Members' data directories are made below this one.
_DATA = "/var/lib"

Pins = Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """Where the demo's cluster runs, and which versions it has there.

    Args:
        settings: settings of the cluster that name the hosts.
        engines: the Docker engines of the agents' hosts, as the Docker client takes them.
        pins: the pins of the first deploy, and those that the upgrade changes.
        tasks: how many tasks the app has.
        description: lines for a person that say where the cluster runs.
        control: the sandbox hosts of ZooKeeper, masters and Marathon; empty on this machine's own engine.
        agents: the sandbox hosts of the agents and the load balancers; empty on this machine's own engine.
    """

    settings: Mapping[str, Any]
    engines: Sequence[str]
    pins: tuple[Pins, Pins]
    tasks: int
    description: Sequence[str]
    control: Sequence[Host] = ()
    agents: Sequence[Host] = ()


def choose() -> Place:
    """Choose this machine's own engine if it can run the demo, else hosts of the sandbox.

    Raises:
        RuntimeError: neither can be used; the text has both reasons.
    """
    own = _own()
    if isinstance(own, Place):
        return own
    reason = machine.unavailable()
    if reason:
        raise RuntimeError(
            "there is no place for the cluster. "
            f"This machine's own Docker engine cannot be used: {own}. A sandbox cannot be used either: {reason}"
        )
    print(f"    This machine's own Docker engine cannot run the cluster: {own}.")
    print("    So the demo prepares hosts of the sandbox. The first time, it also builds their images.", flush=True)
    images.ensure([*names_of_images(SANDBOX), f"mesosphere/marathon-lb:{BALANCER}", TASK_IMAGE])
    all_hosts = hosts.up(CONTROL + AGENTS)
    control, agents = all_hosts[:CONTROL], all_hosts[CONTROL:]
    settings = {
        "platform": {**static_platform(control, agents), "preflight_seconds": WAIT_SECONDS},
        "load_balancer": {
            "version": BALANCER,
            "groups": ["*"],
            "domain": DOMAIN,
            "machines": [host.name for host in agents],
            **CHECKS,
        },
    }
    description = (
        "The cluster runs on these hosts, which Terraform reaches over ssh:",
        f"  ZooKeeper, Mesos master and Marathon: {_names(control)}",
        f"  Mesos agent and load balancer: {_names(agents)}",
    )
    return Place(settings, [host.engine for host in agents], SANDBOX, 2 * AGENTS, description, control, agents)


def _names(hosts: Sequence[Host]) -> str:
    return ", ".join(host.name for host in hosts)


def names_of_images(pins: tuple[Pins, Pins]) -> list[str]:
    """The images that a cluster needs when it is upgraded from the first pins to the second."""
    old, new = pins[0], {**pins[0], **pins[1]}
    names = ("mesosphere/mesos-master", "mesosphere/mesos-slave", "mesosphere/mesos")
    mesos = [f"{name}:{each['mesos_version']}" for each in (old, new) for name in names]
    zookeeper = [f"zookeeper:{version}" for version in dict.fromkeys(each["zookeeper_version"] for each in (old, new))]
    return [*zookeeper, f"mesosphere/marathon:{MARATHON}", *mesos]


def _shares_mounts() -> bool:
    """Whether the engine sees what an agent mounts. True where findmnt cannot tell, as on macOS."""
    try:
        return "shared" in run("findmnt", "--noheadings", "--output", "PROPAGATION", "--target", _DATA)
    except (OSError, RuntimeError):
        return True


def _own() -> Place | str:
    """This machine's own engine, or the reason why it cannot run the demo."""
    engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not engine.startswith("unix://"):
        return f"{engine} is on another machine"
    description = (
        f"The cluster runs on this machine's own Docker engine, {engine}, with public images.",
        "It has no load balancer, because that needs ports 80, 443, 9090 and 9091, which this machine may use already.",
    )
    place = Place({"platform": {"engine": engine, "address": "127.0.0.1"}}, [engine], PUBLIC, 1, description)
    try:
        client = docker.DockerClient(base_url=engine, version="auto", timeout=10)
        least_api = client.version()["MinAPIVersion"]
    except (DockerException, RequestException):
        return f"no engine answers at {engine}"
    try:
        if int(least_api.split(".")[1]) >= OLDEST_API:
            return f"it refuses clients before API {least_api}, such as the docker commands in Mesos's public images"
        if not _shares_mounts():
            return f"{_DATA} is on a private mount, and agents need a shared one (docs/agents.md, persistent volumes)"
        for image in names_of_images(PUBLIC):
            client.images.get_registry_data(image)
    except (DockerException, RequestException) as error:
        return f"the public images cannot be reached: {error}"
    finally:
        client.close()
    return place
