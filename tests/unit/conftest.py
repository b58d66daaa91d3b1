"""Fixtures of the unit tests: a stack, constructs in it, and its synthesised JSON."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from cdktf_mesos import DockerHost, MesosMasterSet, Security, ZookeeperEnsemble
from cdktf_mesos.aws import bindings as aws_bindings
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.security.directory import make_secrets
from cdktf_mesos.security.security import Stage
from sandbox.authority import make_authority, make_certificate
from tests.unit.aws_app import cluster, others
from tests.unit.synthesised import Synthesised, synthesised

ClosedMasters = Callable[[Stage], MesosMasterSet]
Synth = Callable[[], dict[str, Any]]


# Tests that synthesise whole clusters, or need the bindings of AWS, which take some seconds to load.
CLUSTERS = tuple(f"tests/unit/{each}" for each in ("aws/", "stacks/", "role/test_role.py", "roll/test_redeploy.py"))


class Files(LoadFileScheduling):  # type: ignore[misc]
    """Gives all of CLUSTERS to one worker, so that they share bindings and what `synthesised` has made."""

    def _split_scope(self, nodeid: str) -> str:
        return "clusters" if nodeid.startswith(CLUSTERS) else str(super()._split_scope(nodeid))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for each core: many tests wait for a program, or for the end of a time limit."""
    return 2 * (os.cpu_count() or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files | None:
    """Divide the tests for `--dist loadfile`."""
    return Files(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def unknown_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no cluster depend on the engine of the machine that runs the tests."""
    monkeypatch.setattr("stacks.local.stacks.known_of", lambda _: {})


@pytest.fixture(autouse=True, scope="session")
def clients_may_leave() -> Iterator[None]:
    """Have no server of a test print that its client left before the whole answer was sent.

    The server's thread prints while the next test may be running, and that test would find the text in its output.
    """
    told = socketserver.BaseServer.handle_error

    def handle_error(self: socketserver.BaseServer, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            told(self, request, client_address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socketserver.BaseServer, "handle_error", handle_error)
        yield


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A directory with secrets."""
    make_secrets(tmp_path / "secrets")
    return tmp_path / "secrets"


@pytest.fixture(scope="session")
def made_certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that `certificates` copies."""
    directory = tmp_path_factory.mktemp("made") / "certificates"
    make_authority(directory)
    make_certificate(directory, ["IP:127.0.0.1", "IP:127.0.0.2", "IP:10.20.30.11", "IP:10.20.30.12"])
    return directory


@pytest.fixture
def certificates(made_certificates: Path, tmp_path: Path) -> Path:
    """A directory with an authority, and a certificate for the addresses of the tests' hosts."""
    directory = tmp_path / "certificates"
    shutil.copytree(made_certificates, directory)
    return directory


@pytest.fixture
def context(certificates: Path) -> ssl.SSLContext:
    """What a member with TLS has."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return found


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def stack(app: App) -> TerraformStack:
    return TerraformStack(app, "stack")


@pytest.fixture
def synth(app: App) -> Synth:
    """Synthesise; return the JSON of the only stack, with its containers by their Docker names."""

    def synth() -> dict[str, Any]:
        app.synth()
        (path,) = (Path(app.outdir) / "stacks").glob("*/cdk.tf.json")
        document: dict[str, Any] = json.loads(path.read_text())
        containers = document.get("resource", {}).get("docker_container", {})
        document["containers"] = {container["name"]: container for container in containers.values()}
        return document

    return synth


@pytest.fixture
def hosts(stack: TerraformStack) -> Callable[[int], list[DockerHost]]:
    """Makes the given number of hosts, at 10.20.30.11, .12 …"""
    return lambda count: [
        DockerHost(stack, f"host-{i}", address=f"10.20.30.{10 + i}", engine=f"ssh://ops@10.20.30.{10 + i}")
        for i in range(1, count + 1)
    ]


@pytest.fixture
def host(hosts: Callable[[int], list[DockerHost]]) -> DockerHost:
    return hosts(1)[0]


@pytest.fixture
def zookeeper(stack: TerraformStack, host: DockerHost) -> ZookeeperEnsemble:
    return ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4")


@pytest.fixture
def masters(stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble) -> MesosMasterSet:
    return MesosMasterSet(
        stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="cluster7", image="mesosphere/mesos-master:1.11.0"
    )


@pytest.fixture
def closed_masters(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, secrets: Path
) -> ClosedMasters:
    """Makes masters of a cluster at a stage of its security."""
    return lambda stage: MesosMasterSet(
        stack,
        "mesos",
        hosts=[host],
        zookeeper=zookeeper,
        cluster="cluster7",
        image="mesosphere/mesos-master:1.11.0",
        security=Security(stage, str(secrets)),
    )


def source_text(app: App, upload: dict[str, Any]) -> str:
    """The content that Terraform's provider reads for an upload of the only stack."""
    assert "content" not in upload
    source: str = upload["source"]
    return (Path(app.outdir) / "stacks" / "stack" / source).resolve().read_text()


@pytest.fixture
def aws_stack(stack: TerraformStack) -> TerraformStack:
    """The stack, with a provider of AWS."""
    aws_bindings.AwsProvider(stack, "aws", region="eu-central-1")
    return stack


@pytest.fixture(scope="session")
def aws_default() -> Synthesised:
    """The default cluster on AWS."""
    return synthesised(cluster())


@pytest.fixture(scope="session")
def aws_others() -> Synthesised:
    """The clusters of `others`."""
    return synthesised(*others())
