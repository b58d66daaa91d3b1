"""Text that a user gives is the same text in Terraform's plan, whatever characters it has."""

from __future__ import annotations

import random
import shlex
from collections.abc import Callable
from typing import Any

from cdktf_mesos import DockerHost
from cdktf_mesos.cdk import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.expressions import digest, literal, quoted, replaced, shell_word
from tests.unit.test_expressions import TEXT, everything

VALUES = {"one": "pass${word}%{x}'\"\\", "two": "$"}
PIECES = ["${", "%{", "}", "{", "$", "%", "$$", "a", "'", '"', "\\", "\n", "1e5", "~", *VALUES, *VALUES]


def test_text_in_containers_is_the_same_in_the_plan(app: App, plan: Callable[..., dict[str, Any]]) -> None:
    stack = TerraformStack(app, "literal")
    host = DockerHost(stack, "host", address="10.20.30.11", engine="unix:///nonexistent/docker.sock")
    everything(stack, host)
    containers = {
        each["values"]["name"]: each["values"]
        for each in plan()["planned_values"]["root_module"]["resources"]
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


def test_any_mixture_of_text_and_tokens_is_the_same_in_the_plan(app: App, plan: Callable[..., dict[str, Any]]) -> None:
    stack = TerraformStack(app, "mixed")
    variables = {name: TerraformVariable(stack, name, type="string").string_value for name in VALUES}
    chosen = random.Random(4)
    mixtures = [chosen.choices(PIECES, k=chosen.randint(1, 8)) for _ in range(300)]
    expected = ["".join(VALUES.get(piece, piece) for piece in each) for each in mixtures]
    given = ["".join(variables.get(piece, piece) for piece in each) for each in mixtures]
    found = {
        "literal": [literal(text) for text in given],
        "keys": {literal(text): "" for text in dict(zip(expected, given, strict=True)).values()},
        "quoted": [f"${{upper({quoted(text)})}}" for text in given],
        "digest": [digest(text, 12) for text in given],
        "shell": [literal(shell_word(text)) for text in given],
        "percent": [literal(replaced(text, "$", "%%")) for text in given],
        "nested": [digest(f"a{shell_word(replaced(text, '%', '%%'))}{digest(text, 12)}", 12) for text in given],
    }
    for name, value in found.items():
        TerraformOutput(stack, name, value=value)
    outputs = plan(**VALUES)["planned_values"]["outputs"]
    assert outputs["literal"]["value"] == expected
    assert set(outputs["keys"]["value"]) == set(expected)
    assert outputs["quoted"]["value"] == [text.upper() for text in expected]
    for name in ("digest", "nested"):
        # Different texts have different digests.
        assert len({*zip(outputs[name]["value"], expected, strict=True)}) == len(set(outputs[name]["value"]))
    assert [shlex.split(text) for text in outputs["shell"]["value"]] == [[text] for text in expected]
    assert outputs["percent"]["value"] == [text.replace("$", "%%") for text in expected]
