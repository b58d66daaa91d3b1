from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from cdktf_mesos.operations.connections import Connection
from cdktf_mesos.throwaway.engines import address_of, chosen


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The docker command's own directory."""
    directory = tmp_path / "docker"
    directory.mkdir()
    (directory / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(directory))
    return directory


def test_docker_host_decides() -> None:
    assert chosen({"DOCKER_HOST": "unix:///run/user/1000/docker.sock"}).engine == "unix:///run/user/1000/docker.sock"
    assert chosen({"DOCKER_HOST": "ssh://ops@10.0.0.1"}) == Connection("ssh://ops@10.0.0.1")


def test_without_anything_it_is_the_docker_commands_default() -> None:
    assert chosen({}).engine == "unix:///var/run/docker.sock"


def test_a_tcp_engine_without_certificates_is_refused(tmp_path: Path) -> None:
    variables = {"DOCKER_HOST": "tcp://10.0.0.1:2376", "DOCKER_CERT_PATH": str(tmp_path)}
    (tmp_path / "ca.pem").touch()
    with pytest.raises(ValueError, match=r"DOCKER_HOST is invalid: .*put cert.pem, key.pem into"):
        chosen(variables)
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    assert chosen(variables).cert_path == str(tmp_path)


def test_an_unknown_context_is_an_error() -> None:
    with pytest.raises(ValueError, match="DOCKER_CONTEXT is invalid: 'nowhere'"):
        chosen({"DOCKER_CONTEXT": "nowhere"})


def test_a_context_has_its_engine(docker_config: Path) -> None:
    # The name of its directory is a digest of its own (docker/cli, context/store).
    place = docker_config / "contexts/meta" / sha256(b"far").hexdigest()
    place.mkdir(parents=True)
    endpoint = {"docker": {"Host": "ssh://ops@10.0.0.2", "SkipTLSVerify": False}}
    (place / "meta.json").write_text(json.dumps({"Name": "far", "Metadata": {}, "Endpoints": endpoint}))
    assert chosen({"DOCKER_CONTEXT": "far"}) == Connection("ssh://ops@10.0.0.2")


def test_members_listen_where_the_engine_is() -> None:
    assert address_of(Connection("unix:///var/run/docker.sock")) == "127.0.0.1"
    assert address_of(Connection("ssh://ops@10.0.0.1:2222")) == "10.0.0.1"
    with pytest.raises(ValueError, match="address is invalid: 'no.such.machine.invalid'. Give the machine's IPv4"):
        address_of(Connection("ssh://ops@no.such.machine.invalid"))
