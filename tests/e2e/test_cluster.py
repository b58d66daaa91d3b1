from __future__ import annotations

import contextlib
import socket
from typing import Any

import pytest

from sandbox import closed
from sandbox.hostfiles import ENGINE_DEFAULTS
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import task_containers
from tests.e2e.conftest import PINS
from tests.e2e.evidence import assert_unchanged, evidence_of, planned_changes

REPLACE = ["delete", "create"]
# Any change also runs the clean-up of old images again.
CLEARS = {"e2e-old-images": REPLACE}
LOG_OPTIONS = {"max-size": "20m"}


def test_a_docker_task_runs_on_a_real_agent_under_the_docker_containerizer(cluster: LiveCluster, host: Host) -> None:
    state = cluster.state()
    assert state["version"] == PINS["mesos_version"]
    assert [agent["version"] for agent in state["slaves"]] == [PINS["mesos_version"]]
    (task,) = cluster.tasks("web")
    assert task["container"]["type"] == "DOCKER"
    assert task["slave_id"] == state["slaves"][0]["id"]
    client = host.docker()
    running = {container.name: container for container in client.containers.list()}
    client.close()
    (name,) = task_containers(host)
    assert running[name].attrs["Config"]["Image"] == "busybox:1.35.0"
    # The executor runs outside of the agent's container, in a container whose image has the agent's pin.
    assert running[f"{name}.executor"].attrs["Config"]["Image"] == f"mesosphere/mesos:{PINS['mesos_version']}"
    assert running["e2e-agent-1"].attrs["HostConfig"]["Privileged"] is False


def test_a_second_plan_is_empty_although_the_engine_adds_its_defaults(
    cluster: LiveCluster, project: Project, host: Host
) -> None:
    created = settings_of(host, "e2e-master")
    assert created["LogConfig"]["Config"] == {**ENGINE_DEFAULTS["log-opts"], "max-size": "10m", "max-file": "3"}
    assert created["Runtime"] == ENGINE_DEFAULTS["default-runtime"]
    assert planned_changes(project.plan("-detailed-exitcode")) == {}
    project.change(masters={"log_options": LOG_OPTIONS})
    assert planned_changes(project.plan()) == {"e2e-master": REPLACE, **CLEARS}
    project.change(masters={"log_options": None})


def test_settings_and_java_properties_of_zookeeper_have_their_effect(cluster: LiveCluster, host: Host) -> None:
    answers = {}
    for word in (b"stat", b"mntr", b"dump"):
        with socket.create_connection((host.address, 2181), timeout=5) as connection:
            connection.sendall(word)
            answers[word] = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    assert "Mode: standalone" in answers[b"stat"]
    assert "zk_server_state" in answers[b"mntr"]
    assert "not in the whitelist" in answers[b"dump"]
    # More than the default limit of one megabyte.
    large = b"x" * 2 * 1024**2
    with cluster.zookeeper() as zookeeper:
        zookeeper.create("/large", large)
        assert zookeeper.get("/large")[0] == large
        zookeeper.delete("/large")


def settings_of(host: Host, name: str) -> dict[str, Any]:
    """A container's host settings, as the engine reports them."""
    with contextlib.closing(host.docker()) as client:
        found: dict[str, Any] = client.containers.get(name).attrs["HostConfig"]
        return found


# The steps that close znodes run in ZooKeeper's image (`make test-required`).
CLOSES = {"e2e-master-acls-closed": REPLACE, "e2e-marathon-acls-closed": REPLACE} if closed.stage() else {}

BUMPS = [
    pytest.param(
        {"zookeeper_version": "3.8.4"},
        {"zookeeper:3.8.4": REPLACE, "e2e-zookeeper": REPLACE, **CLOSES, **CLEARS},
        id="zookeeper",
    ),
    pytest.param(
        {"mesos_version": "1.10.0"},
        {
            "mesosphere/mesos-master:1.10.0": REPLACE,
            "mesosphere/mesos-slave:1.10.0": REPLACE,
            "mesosphere/mesos:1.10.0": REPLACE,
            "e2e-master": REPLACE,
            "e2e-agent-1": REPLACE,
            **CLEARS,
        },
        id="mesos",
    ),
    pytest.param(
        {"marathon_version": "v1.11.23"},
        {"mesosphere/marathon:v1.11.23": REPLACE, "e2e-marathon": REPLACE, **CLEARS},
        id="marathon",
    ),
]


@pytest.mark.parametrize(("pins", "expected"), BUMPS)
def test_a_bump_replaces_exactly_its_component_and_loses_nothing(
    cluster: LiveCluster, project: Project, host: Host, pins: dict[str, str], expected: dict[str, list[str]]
) -> None:
    before = evidence_of(cluster, host)
    project.change(**pins)
    assert planned_changes(project.plan()) == expected
    project.deploy()
    assert planned_changes(project.plan()) == {}
    assert_unchanged(before, cluster, host)
    project.change(**PINS)
    project.deploy()
    assert planned_changes(project.plan()) == {}
    assert_unchanged(before, cluster, host)


def test_a_pin_may_be_an_image_digest(cluster: LiveCluster, project: Project, host: Host) -> None:
    before = evidence_of(cluster, host)
    client = host.docker()
    # Images of other versions, which the deploys below remove.
    for version in ("v1.11.25-RC1", "v1.11.25-RC2"):
        client.images.pull("mesosphere/marathon", version)
    digest = client.images.get_registry_data(f"mesosphere/marathon:{PINS['marathon_version']}").id
    client.close()
    for pin in (f"{PINS['marathon_version']}@{digest}", digest):
        project.change(marathon_version=pin, marathon={"release": "1.11", "log_options": LOG_OPTIONS})
        project.deploy()
        assert settings_of(host, "e2e-marathon")["LogConfig"]["Config"] == {
            **ENGINE_DEFAULTS["log-opts"],
            **LOG_OPTIONS,
        }
        assert planned_changes(project.plan()) == {}
        assert_unchanged(before, cluster, host)
    project.change(**PINS, marathon={"release": None, "log_options": None})
    project.deploy()
    with contextlib.closing(host.docker()) as client:
        assert eventually(
            lambda: len(client.images.list("mesosphere/marathon")) == 2, "only the last two versions stay"
        )
        assert client.images.list("busybox")
