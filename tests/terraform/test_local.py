from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import Cluster, Local, add_cluster
from tests.terraform.conftest import Terraform

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def cluster(app: App) -> None:
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    add_cluster(app, Cluster(name="dev", platform=Local(agents=2), **pins))


def test_the_default_cluster_is_valid_for_the_real_provider(terraform: Terraform) -> None:
    assert "Success! The configuration is valid." in terraform("validate", "-no-color").stdout


def test_the_plan_pulls_and_runs_what_the_pins_say(plan: Callable[..., dict[str, Any]]) -> None:
    planned = plan(zookeeper_version="3.8.4", mesos_version=f"1.9.0@{DIGEST}", marathon_version=DIGEST)
    after = [change["change"]["after"] for change in planned["resource_changes"]]
    images = {each["name"]: each["image"] for each in after if "image" in each}
    assert images == {
        "dev-zookeeper": "zookeeper:3.8.4",
        "dev-master": f"mesosphere/mesos-master:1.9.0@{DIGEST}",
        "dev-agent-1": f"mesosphere/mesos-slave:1.9.0@{DIGEST}",
        "dev-agent-2": f"mesosphere/mesos-slave:1.9.0@{DIGEST}",
        "dev-marathon": f"mesosphere/marathon@{DIGEST}",
        "dev-old-images": "zookeeper:3.8.4",
    }
    agents = [each for each in after if each["name"].startswith("dev-agent")]
    # Without the digest, which is that of the agent's image, not of the executor's.
    assert all("MESOS_DOCKER_MESOS_IMAGE=mesosphere/mesos:1.9.0" in each["env"] for each in agents)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("mesos_version", "0.28.0-2.0.16.ubuntu1404", "agent-1 was synthesised with the flags of releases 1.1 to 1.11"),
        ("mesos_version", "1.11.0 ", "mesos_version must be an image's tag, its digest"),
        ("mesos_version", "latest", "change the pin in the program"),
        ("zookeeper_version", "3.4.14", "zookeeper was synthesised with the flags of releases 3.6 to 3.9"),
        ("zookeeper_version", "sha256:12", "zookeeper_version must be an image's tag, its digest"),
        ("marathon_version", "v2.0.0", "marathon was synthesised with the flags of releases 0.8 to 1.11"),
    ],
)
def test_the_plan_rejects_a_malformed_pin_and_a_release_that_needs_other_flags(
    terraform: Terraform, variable: str, value: str, message: str
) -> None:
    done = terraform("plan", "-input=false", "-no-color", check=False, **{variable: value})
    assert done.returncode == 1
    assert message in " ".join(done.stderr.replace("│", " ").split())
