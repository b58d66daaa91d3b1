"""Text that a user gives comes out of Terraform as it went in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdktf_mesos import DockerHost
from cdktf_mesos.cdk import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.expressions import expression, literal, quoted
from tests.unit.test_expressions import TEXT, everything

PASSWORD = "pass${word}%{x}"


def test_text_in_containers_is_planned_as_it_is(app: App, plan: Callable[..., dict[str, Any]]) -> None:
    stack = TerraformStack(app, "literal")
    host = DockerHost(stack, "host", address="10.20.30.11", engine="unix:///nonexistent/docker.sock")
    everything(stack, host)
    password = TerraformVariable(stack, "password", type="string", sensitive=True)
    mixed = f"${{a}}:{password.string_value}:%{{b}}"
    TerraformOutput(stack, "mixed", value=literal(mixed), sensitive=True)
    TerraformOutput(stack, "computed", value=expression(f"${{upper({quoted(mixed)})}}"), sensitive=True)
    document = plan(password=PASSWORD)
    outputs = document["planned_values"]["outputs"]
    assert outputs["mixed"]["value"] == f"${{a}}:{PASSWORD}:%{{b}}"
    assert outputs["computed"]["value"] == f"${{A}}:{PASSWORD.upper()}:%{{B}}"
    containers = {
        each["values"]["name"]: each["values"]
        for each in document["planned_values"]["root_module"]["resources"]
        if each["type"] == "docker_container"
    }
    for name in ("zookeeper", "mesos", "marathon"):
        assert f"MORE={TEXT}" in containers[name]["env"]
        assert {"label": TEXT, "value": TEXT} in containers[name]["labels"]
        assert containers[name]["log_opts"] == {"tag": TEXT}
        mounted = {each["container_path"]: each["host_path"] for each in containers[name]["volumes"]}
        assert mounted["/opt/%{b}"] == "/opt/${a}"
    assert f"MESOS_CLUSTER={TEXT}" in containers["mesos"]["env"]
    assert f"--roles={TEXT}" in containers["mesos"]["command"]
    assert "MESOS_DOCKER_MESOS_IMAGE=mesosphere/mesos:1.11.0" in containers["agents"]["env"]
