"""A cluster whose images come from a registry with a password: the password is in no output and no file."""

from __future__ import annotations

import crypt
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox import paths
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.process import wait_until
from sandbox.project import Project
from sandbox.provider import has_ephemeral_variables
from tests.e2e.conftest import PINS
from tests.planted import files_with

NAME, PASSWORD, WRONG = "planted-name-7f3a", "planted-word-9c1e", "planted-other-5b2d"


@pytest.fixture(scope="module")
def registry(machines: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that serves the sandbox's images only with the password; returns its address."""
    folder = tmp_path_factory.mktemp("registry")
    hashed = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH))
    (folder / "users").write_text(f"{NAME}:{hashed}\n")
    config = {
        "version": 0.1,
        "storage": {
            "filesystem": {"rootdirectory": str(paths.cache() / "registry")},
            "maintenance": {"readonly": {"enabled": True}},
        },
        "http": {"addr": paths.PRIVATE_REGISTRY},
        "auth": {"htpasswd": {"realm": "sandbox", "path": str(folder / "users")}},
    }
    (folder / "config.json").write_text(json.dumps(config))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(folder / "config.json")], stdout=output, stderr=output
        )
        try:
            wait_until(_wants_a_password, lambda: f"the registry does not answer: {log.read_text()}", 20)
            yield paths.PRIVATE_REGISTRY
        finally:
            process.terminate()
            process.wait()


def _wants_a_password() -> bool:
    with requests.Session() as session:
        session.trust_env = False  # use no proxy for a server on this machine
        try:
            return session.get(f"http://{paths.PRIVATE_REGISTRY}/v2/", timeout=5).status_code == 401
        except requests.RequestException:
            return False


def project(folder: Path, host: Host, registry: str, password: str) -> Project:
    return Project(
        folder,
        {"TF_VAR_registry_username": NAME, "TF_VAR_registry_password": password},
        name="private",
        platform={"engine": host.engine, "address": host.address},
        registry=registry,
        registry_login=True,
        registry_login_ephemeral=has_ephemeral_variables(),
        # As on Docker Hub, official images are in library/.
        zookeeper={"image": "library/zookeeper"},
        **PINS,
    )


def test_all_images_are_pulled_with_a_password_that_is_in_no_output_and_no_file(
    machines: list[Host], registry: str, tmp_path: Path
) -> None:
    host = machines[0]
    refused = project(tmp_path / "refused", host, registry, WRONG)
    code, output = refused.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "unauthorized" in output or "no basic auth credentials" in output, output[-3000:]
    client = host.docker()
    assert not client.containers.list(all=True, filters={"name": "^/private-"})

    private = project(tmp_path / "private", host, registry, PASSWORD)
    outputs = [output, private.diff(), private.deploy()]
    try:
        LiveCluster(private.outputs()).wait_until_serving(agents=1)
        images = {str(each.attrs["Config"]["Image"]) for each in client.containers.list(filters={"name": "^/private-"})}
        assert images and all(image.startswith(f"{registry}/") for image in images)
        outputs.append(json.dumps(private.preview()))
        outputs.append(json.dumps([each.attrs for each in client.containers.list(all=True)]))
    finally:
        client.close()
        outputs.append(private.destroy())
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".exe"]
    assert [path for path in files if path.name.endswith(".tfstate.backup")]
    # Without ephemeral variables, the plans that cdktf keeps have the values of all variables.
    with_secrets = files_with([NAME, PASSWORD, WRONG], files)
    assert not has_ephemeral_variables() or not with_secrets
    assert {path.name for path in with_secrets} <= {"plan"}
    for secret in (NAME, PASSWORD, WRONG):
        assert not [text for text in outputs if secret in text]
