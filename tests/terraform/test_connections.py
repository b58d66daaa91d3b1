"""How engines are reached: Terraform's own values of the expressions that a program has for it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.operations.connections import Connection, hosts_of
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform
from sandbox import provider
from tests.unit.aws_app import cluster
from tests.unit.synthesised import synthesise

KEY = "ssh-ed25519 " + "A" * 68


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch) -> Terraform:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(provider.terraform()))
    return Terraform(Processes(60))


def stack(tmp_path: Path, name: str, document: dict[str, Any]) -> Stack:
    """A stack whose remote states are in a directory."""
    text = re.sub(r'"[^"]*/(terraform[.][^"/]+[.]tfstate)"', rf'"{tmp_path}/\1"', json.dumps(document))
    return Stack(name, 1, tmp_path, [], json.loads(text))


def outputs(tmp_path: Path, name: str, document: dict[str, Any], **values: str) -> None:
    """The state of a stack whose outputs have these values, by what their names contain."""
    found = {
        output: {"value": value, "type": "string"}
        for output in document["output"]
        for part, value in values.items()
        if part in output.replace("-", "_")
    }
    state = {"version": 4, "terraform_version": "1.5.0", "serial": 1, "lineage": "x", "outputs": found, "resources": []}
    (tmp_path / f"terraform.{name}.tfstate").write_text(json.dumps(state))


def test_on_aws_they_follow_from_the_states_of_the_machine_and_of_the_bastion(
    tmp_path: Path, terraform: Terraform
) -> None:
    documents = synthesise(tmp_path / "out", cluster()).documents
    names = ("prod-1-control-1-machine", "prod-1-control-1-members")
    both = [stack(tmp_path, name, documents[name]) for name in names]
    (unknown,) = hosts_of(both, {}, terraform)
    assert unknown.connection is None
    assert unknown.error.startswith("how its engine is reached is not known: Unable to find remote state")
    outputs(tmp_path, "prod-1-control-1-host", documents["prod-1-control-1-host"], host_key=KEY)
    bastion = documents["prod-0-network-bastion"]
    outputs(tmp_path, "prod-0-network-bastion", bastion, host_key=KEY, public_address="203.0.113.9")
    (host,) = hosts_of(both, {}, terraform)
    assert host.connection is not None, host.error
    assert (host.name, host.connection.engine) == ("control-1", "ssh://admin@10.20.0.10")
    assert host.stacks == set(names)
    words = " ".join(host.connection.ssh_options)
    assert f"KnownHostsCommand=/bin/echo 10.20.0.10 {KEY}" in words
    assert "'admin@203.0.113.9'" in words and "${" not in words


def test_what_a_resource_of_the_same_stack_has_comes_from_its_state_and_a_variable_from_the_environment(
    tmp_path: Path, terraform: Terraform, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider_block = {
        "alias": "h",
        "host": "tcp://${aws_instance.h.public_ip}:2376",
        "ca_material": "${var.ca}",
        "cert_material": "a $${literal}",
        "key_material": "${aws_instance.h-2.key}",
    }
    document = {
        "provider": {"docker": [provider_block]},
        "variable": {"ca": {"type": "string", "sensitive": True}, "unused": {"type": "string"}},
    }
    state = [
        {"mode": "managed", "type": "aws_instance", "name": name, "instances": [{"attributes": attributes}]}
        for name, attributes in (("h", {"public_ip": "203.0.113.9", "tag": "${no}"}), ("h-2", {"key": "%{k}"}))
    ]
    monkeypatch.setenv("TF_VAR_ca", "PEM")
    (host,) = hosts_of([stack(tmp_path, "prod", document)], {"prod": state}, terraform)
    assert host.connection == Connection("tcp://203.0.113.9:2376", ca="PEM", cert="a ${literal}", key="%{k}")


def test_what_is_known_only_after_a_deploy_is_said(tmp_path: Path, terraform: Terraform) -> None:
    with pytest.raises(RuntimeError, match="Reference to undeclared resource"):
        evaluate(terraform, stack(tmp_path, "prod", {}), [], "${aws_instance.h.public_ip}")
