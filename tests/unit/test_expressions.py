from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    Marathon,
    MesosAgentPool,
    MesosMasterSet,
    Mount,
    Pin,
    ZookeeperEnsemble,
)
from cdktf_mesos.aws import bindings as aws_bindings
from cdktf_mesos.cdk import TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.expressions import expression, literal, shell_word
from tests.unit.conftest import Synth

TEXT = "${path.module} %{ if true }x%{ endif } $${y} %%{z} $ % {}"
ESCAPED = "$${path.module} %%{ if true }x%%{ endif } $$${y} %%%{z} $ % {}"


def test_only_the_beginning_of_an_expression_is_escaped_and_only_once() -> None:
    assert literal(TEXT) == ESCAPED
    assert literal("$HOME 100% {a} $$") == "$HOME 100% {a} $$"


def test_text_at_any_depth_is_escaped_and_other_values_stay() -> None:
    thing = object()
    found = literal({"${k}": ["${a}", ("%{b}", 1, None)], "other": thing})
    assert found == {"$${k}": ["$${a}", ["%%{b}", 1, None]], "other": thing}


def test_a_token_within_text_stays_a_token(stack: TerraformStack, synth: Synth) -> None:
    word = TerraformVariable(stack, "word", type="string", sensitive=True).string_value
    many = TerraformVariable(stack, "many", type="list(string)").list_value
    TerraformOutput(stack, "mixed", value=literal(f"a${{b}}{word}%{{c}}{word}"))
    TerraformOutput(stack, "list", value=literal(many))
    output = synth()["output"]
    assert output["mixed"]["value"] == 'a${"$"}{b}${var.word}%%{c}${var.word}'
    assert output["list"]["value"] == "${var.many}"


def test_an_expression_is_a_token(stack: TerraformStack, synth: Synth) -> None:
    TerraformOutput(stack, "found", value=literal(f"${{x}}{expression('${upper(path.root)}')}"))
    assert synth()["output"]["found"]["value"] == '${"$"}{x}${upper(path.root)}'


def test_a_shell_reads_one_word_whatever_the_value_of_a_token(stack: TerraformStack, synth: Synth) -> None:
    word = TerraformVariable(stack, "word", type="string").string_value
    assert shell_word("it's") == """'it'"'"'s'"""
    TerraformOutput(stack, "found", value=shell_word(f"it's {word}"))
    assert synth()["output"]["found"]["value"] == """'it'\\''s ${replace(var.word, "'", "'\\\\''")}'"""


def test_the_same_expression_is_the_same_token() -> None:
    # The definition of a member is compared for each release.
    assert expression("${path.root}") == expression("${path.root}") != expression("${path.module}")


def everything(stack: TerraformStack, host: DockerHost) -> None:
    """A cluster in which all free text of the user is TEXT."""
    options = ContainerOptions(
        environment={"MORE": TEXT},
        labels={TEXT: TEXT},
        mounts=[Mount("/opt/${a}", "/opt/%{b}")],
        log_options={"tag": TEXT},
        gate_image="debian:12.0",
    )
    zookeeper = ZookeeperEnsemble(
        stack,
        "zookeeper",
        hosts=[host],
        image=Image("zookeeper", Pin("zookeeper_version", "3.9.4")),
        settings={"metricsProvider.name": "${a}%{b}"},
        options=options,
    )
    masters = MesosMasterSet(
        stack,
        "mesos",
        hosts=[host],
        zookeeper=zookeeper,
        cluster=TEXT,
        image=Image("mesosphere/mesos-master", Pin("mesos_version", "1.11.0")),
        flags={"roles": TEXT},
        options=options,
    )
    MesosAgentPool(
        stack,
        "agents",
        hosts=[host],
        masters=masters,
        attributes={"rack": "a$b%c"},
        flags={"executor_environment_variables": '{"A": "${b}", "C": "%{d}"}'},
        options=ContainerOptions(environment={"MORE": TEXT}),
    )
    image = "mesosphere/marathon:v1.11.24"
    Marathon(stack, "marathon", hosts=[host], masters=masters, image=image, flags={"http_realm": TEXT}, options=options)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for each in item for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def test_all_text_of_a_users_containers_is_literal(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    everything(stack, host)
    containers = synth()["containers"]
    for name in ("zookeeper", "mesos", "marathon"):
        container = containers[name]
        assert f"MORE={ESCAPED}" in container["env"]
        assert {"label": ESCAPED, "value": ESCAPED} in container["labels"]
        assert container["log_opts"] == {"tag": ESCAPED}
        mounted = {each["container_path"]: each["host_path"] for each in container["volumes"]}
        assert mounted["/opt/%%{b}"] == "/opt/$${a}"
    assert f"MESOS_CLUSTER={ESCAPED}" in containers["mesos"]["env"]
    assert f"--roles={ESCAPED}" in containers["mesos"]["command"]
    assert ESCAPED in containers["marathon"]["command"]
    assert '--executor_environment_variables={"A": "$${b}", "C": "%%{d}"}' in containers["agents"]["command"]
    assert "ZOO_CFG_EXTRA=metricsProvider.name=$${a}%%{b}" in containers["zookeeper"]["env"]


def test_expressions_of_the_constructs_stay_expressions(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    everything(stack, host)
    container = synth()["containers"]["agents"]
    assert {"label": "cdktf-mesos.version", "value": '${split("@", var.mesos_version)[0]}'} in container["labels"]
    assert any('["mesosphere/mesos", split("@", var.mesos_version)[0]]' in each for each in container["env"])
    assert "exec" in " ".join(container["healthcheck"]["test"])


def test_all_text_of_a_users_aws_resources_is_literal(aws_stack: TerraformStack, synth: Synth) -> None:
    aws_bindings.KeyPair(aws_stack, "key", key_name=TEXT, public_key="k", tags={TEXT: TEXT})
    found = synth()["resource"]["aws_key_pair"]["key"]
    assert (found["key_name"], found["tags"]) == (ESCAPED, {ESCAPED: ESCAPED})


@pytest.mark.parametrize("engine", ["ssh://ops@${var.address}", "tcp://10.0.0.1:${var.port}"])
def test_text_in_place_of_a_token_is_refused(stack: TerraformStack, engine: str) -> None:
    with pytest.raises(ValueError, match="stack/host: engine is invalid: "):
        DockerHost(stack, "host", address="10.0.0.1", engine=engine)
