"""The wheel in an empty virtual environment, used by somebody else's CDKTF application in a directory of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ON_ITS_OWN = """
from cdktf import App, TerraformStack
from cdktf_mesos import DockerHost, Marathon, MesosAgentPool, MesosMasterSet, ZookeeperEnsemble

app = App()
stack = TerraformStack(app, "foreign")
hosts = [
    DockerHost(stack, f"host-{i}", address=f"10.20.30.{10 + i}", engine=f"ssh://admin@10.20.30.{10 + i}")
    for i in range(3)
]
zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts, image="zookeeper:3.9.4")
masters = MesosMasterSet(
    stack, "mesos", hosts=hosts, zookeeper=zookeeper, cluster="foreign", image="mesosphere/mesos-master:1.4.0-rc5"
)
MesosAgentPool(stack, "agents", hosts=hosts, masters=masters, attributes={"rack": "a"})
Marathon(stack, "marathon", hosts=hosts, masters=masters, image="mesosphere/marathon:v1.11.24")
app.synth()
"""

BESIDE_THEIR_OWN = """
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_cdktf_provider_docker.network import Network
from cdktf_cdktf_provider_docker.provider import DockerProvider
from cdktf_mesos import DockerHost, Image, Pin, ZookeeperEnsemble
from cdktf_cdktf_provider_docker.container import Container, ContainerNetworksAdvanced

app = App()
stack = TerraformStack(app, "foreign")
DockerProvider(stack, "docker")
network = Network(stack, "network", name="ours")
Container(
    stack, "ours", name="ours", image="busybox:1.35.0", networks_advanced=[ContainerNetworksAdvanced(name=network.name)]
)
address = TerraformVariable(stack, "address", type="string", default="10.0.0.7").string_value
host = DockerHost(stack, "host", address=address, engine=f"ssh://admin@{address}")
image = Image("zookeeper", Pin("zookeeper_version", "3.5.10"))
zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image)
TerraformOutput(stack, "url", value=zookeeper.url("/ours"))
app.synth()
"""

TYPED = """
from cdktf import App, TerraformStack
from cdktf_mesos import DockerHost

DockerHost(TerraformStack(App(), "s"), "h", address=7)
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment in which there is nothing but the wheel and what it asks for."""
    directory = tmp_path_factory.mktemp("wheel")
    # From a copy, as a build leaves files beside what it builds and takes up those of the one before.
    source = directory / "source"
    shutil.copytree(ROOT / "constructs/cdktf_mesos", source / "constructs/cdktf_mesos")
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, source)
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", directory, source)
    (wheel,) = directory.glob("cdktf_mesos-*.whl")
    _run(sys.executable, "-m", "venv", directory / "venv")
    _run(directory / "venv/bin/python", "-m", "pip", "install", "-q", "--no-compile", wheel)
    return directory / "venv/bin/python"


@pytest.mark.parametrize("program", [ON_ITS_OWN, BESIDE_THEIR_OWN], ids=["on its own", "beside their own resources"])
def test_a_foreign_application_synthesises_and_terraform_takes_it(
    python: Path, program: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "app.py").write_text(program)
    _run(python, "app.py", cwd=tmp_path)
    stack = tmp_path / "cdktf.out/stacks/foreign"
    _run("terraform", "init", "-input=false", "-no-color", cwd=stack, environment=environment)
    assert "Success!" in _run("terraform", "validate", "-no-color", cwd=stack, environment=environment)


def test_the_wheel_is_typed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", python, "app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 'Argument "address" to "DockerHost" has incompatible type "int"' in done.stdout, done.stdout + done.stderr


def _run(*words: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**env, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
