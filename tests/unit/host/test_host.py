from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Registry, TlsMaterial, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack, TerraformVariable

Synth = Callable[[], dict[str, Any]]


def test_each_host_has_a_provider_of_its_own(stack: TerraformStack, synth: Synth) -> None:
    DockerHost(stack, "a", address="10.0.0.1", engine="unix:///var/run/docker.sock")
    DockerHost(stack, "b", address="10.0.0.2", engine="ssh://admin@10.0.0.2:2222")
    providers = synth()["provider"]["docker"]
    assert [(p["alias"], p["host"]) for p in providers] == [
        ("a", "unix:///var/run/docker.sock"),
        ("b", "ssh://admin@10.0.0.2:2222"),
    ]


def test_the_provider_is_one_that_mends_what_the_bindings_version_breaks(stack: TerraformStack, synth: Synth) -> None:
    DockerHost(stack, "a", address="10.0.0.1")
    assert synth()["terraform"]["required_providers"]["docker"] == {"source": "kreuzwerker/docker", "version": "~> 4.6"}


def test_ssh_never_takes_a_host_key_on_trust_and_notices_a_dead_host(stack: TerraformStack, synth: Synth) -> None:
    DockerHost(stack, "a", address="10.0.0.1", engine="ssh://ops@10.0.0.1", ssh_options=["-i", "/home/ops/key"])
    (provider,) = synth()["provider"]["docker"]
    words = provider["ssh_opts"]
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes", "ServerAliveInterval=5"} <= set(words)
    # ssh uses the first value of an option.
    assert words[:2] == ["-i", "/home/ops/key"]
    assert all(" " not in word for word in words)


@pytest.mark.parametrize("variable", ["DOCKER_CONTEXT", "DOCKER_SSH_OPTS", "DOCKER_CERT_PATH"])
def test_variables_of_the_environment_that_the_provider_would_use_are_refused(
    stack: TerraformStack, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(ValueError, match=f"stack/a: engine is invalid: 'ssh://10.0.0.1'. Unset {variable}"):
        DockerHost(stack, "a", address="10.0.0.1", engine="ssh://10.0.0.1")


def test_nothing_is_left_to_the_environment_of_the_deploy(stack: TerraformStack, synth: Synth) -> None:
    # It may differ from the environment of the synth.
    registry = Registry("registry.example.com", config_file="/home/ops/.docker/config.json")
    DockerHost(stack, "a", address="10.0.0.1", engine="ssh://10.0.0.1", registries=[registry])
    (provider,) = synth()["provider"]["docker"]
    (login,) = provider["registry_auth"]
    empty = [provider[name] for name in ("context", "cert_path", "ca_material", "cert_material", "key_material")]
    assert [*empty, login["username"], login["password"]] == [""] * 7


def test_a_tcp_engine_is_verified_by_the_files_of_a_directory(stack: TerraformStack, synth: Synth) -> None:
    DockerHost(stack, "a", address="10.0.0.1", engine="tcp://10.0.0.1:2376", tls=TlsMaterial("/etc/docker/tls"))
    assert synth()["provider"]["docker"][0]["cert_path"] == "/etc/docker/tls"


def test_tls_material_may_come_from_terraform_and_an_empty_ca_fails_the_plan(
    stack: TerraformStack, synth: Synth
) -> None:
    ca, cert, key = (
        TerraformVariable(stack, n, type="string", sensitive=True).string_value for n in ("ca", "cert", "key")
    )
    DockerHost(stack, "a", address="10.0.0.1", engine="tcp://10.0.0.1:2376", tls=TlsMaterial(ca=ca, cert=cert, key=key))
    (provider,) = synth()["provider"]["docker"]
    assert provider["ca_material"] == "${coalesce(var.ca)}"
    assert (provider["cert_material"], provider["key_material"]) == ("${var.cert}", "${var.key}")


def test_address_and_engine_may_be_known_to_terraform_only(stack: TerraformStack, synth: Synth) -> None:
    address = TerraformVariable(stack, "address", type="string").string_value
    DockerHost(stack, "a", address=address, engine=f"ssh://admin@{address}")
    port = TerraformVariable(stack, "port", type="string").string_value
    DockerHost(stack, "b", address=address, engine=f"tcp://{address}:{port}", tls=TlsMaterial("/tls"))
    engines = [provider["host"] for provider in synth()["provider"]["docker"]]
    assert engines == ["ssh://admin@${var.address}", "tcp://${var.address}:${var.port}"]


@pytest.mark.parametrize(
    "address",
    [
        *("", "host-1", "10.0.0", "10.0.0.256", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "169.254.7.7"),
        *("fe80::1", "::1", "10.0.0.0/8"),
    ],
)
def test_an_invalid_address_is_refused(stack: TerraformStack, address: str) -> None:
    with pytest.raises(ValueError, match=r"stack/a: address is invalid: '.*'. Use .*'10\.20\.30\.11'"):
        DockerHost(stack, "a", address=address)


@pytest.mark.parametrize(
    ("engine", "remedy"),
    [
        ("http://10.0.0.1", "'unix://<path>', 'ssh://user@host' or 'tcp://host:port'"),
        ("/var/run/docker.sock", "'unix://<path>'"),
        ("unix://var/run/docker.sock", "Use an absolute path"),
        ("ssh://", "'ssh://user@host'"),
        ("tcp://10.0.0.1", "'tcp://host:port'"),
        ("ssh://ops@10.0.0.1:99999", "Use a port from 1 to 65535"),
        ("ssh://ops:secret@10.0.0.1", "'ssh://user@host'"),
        ("ssh://ops@10.0.0.1/path", "'ssh://user@host'"),
    ],
)
def test_an_engine_that_terraform_could_not_reach_is_refused(stack: TerraformStack, engine: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="stack/a: engine is invalid: ") as error:
        DockerHost(stack, "a", address="10.0.0.1", engine=engine)
    assert engine in str(error.value)
    assert remedy in str(error.value)


def test_tcp_without_tls_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match="stack/a: tls is invalid: None. Pass TlsMaterial"):
        DockerHost(stack, "a", address="10.0.0.1", engine="tcp://10.0.0.1:2376")


def test_tls_and_ssh_options_are_refused_if_the_engine_would_not_use_them(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match="stack/a: tls is invalid: .* Remove it"):
        DockerHost(stack, "a", address="10.0.0.1", tls=TlsMaterial("/etc/docker/tls"))
    with pytest.raises(ValueError, match="stack/b: ssh_options is invalid: "):
        DockerHost(stack, "b", address="10.0.0.1", ssh_options=["-v"])
    with pytest.raises(ValueError, match="stack/c: ssh_options is invalid: '-v'. Use a list of words"):
        DockerHost(stack, "c", address="10.0.0.1", engine="ssh://10.0.0.1", ssh_options="-v")


@pytest.mark.parametrize(
    "material",
    [
        {},
        {"directory": "tls"},
        {"directory": "/tls", "ca": "x"},
        {"cert": "${var.cert}", "key": "${var.key}"},
    ],
)
def test_tls_without_a_ca_or_with_too_much_is_refused(material: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="TlsMaterial: "):
        TlsMaterial(**material)


def test_a_private_key_in_clear_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="TlsMaterial: key is invalid: '…'. Use") as error:
        TlsMaterial(ca="CA", cert="CERT", key="-----BEGIN PRIVATE KEY-----")
    assert "PRIVATE KEY" not in str(error.value)


@pytest.mark.parametrize("hostname", ["a" * 64 + ".example", ".".join(["a" * 60] * 5), "under_score", "-a", "a..b", ""])
def test_a_host_name_that_is_too_long_or_malformed_is_refused(stack: TerraformStack, hostname: str) -> None:
    with pytest.raises(ValueError, match="stack/a: hostname is invalid: '.*'. Use at most 253 characters"):
        DockerHost(stack, "a", address="10.0.0.1", hostname=hostname)


@pytest.mark.parametrize("data_dir", ["data", "/", "/data/", "/data/../etc", "/data:ro", "/my data", "/a$b"])
def test_a_data_directory_that_is_not_a_plain_absolute_path_is_refused(stack: TerraformStack, data_dir: str) -> None:
    with pytest.raises(ValueError, match="stack/a: data_dir is invalid: "):
        DockerHost(stack, "a", address="10.0.0.1", data_dir=data_dir)


def test_the_loopback_addresses_of_two_engines_are_two_machines(stack: TerraformStack) -> None:
    for name in ("a", "b"):
        host = DockerHost(stack, name, address="127.0.0.1", engine=f"ssh://{name}")
        ZookeeperEnsemble(stack, f"zookeeper-{name}", hosts=[host], image="zookeeper:3.9.4")
    again = DockerHost(stack, "again", address="127.0.0.1", engine="ssh://a")
    with pytest.raises(ValueError, match="client_port is invalid: 2181. Use another port: stack/zookeeper-a has this"):
        ZookeeperEnsemble(stack, "more", hosts=[again], image="zookeeper:3.9.4")
