"""The wheel in an empty virtual environment, used by a CDKTF application outside of this checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import provider
from tests.terraform.wheel import installed, run

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
Marathon(stack, "marathon", hosts=hosts, masters=masters, image="mesosphere/marathon:v1.5.1")
app.synth()
"""

WITH_THEIR_OWN = """
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


@pytest.mark.parametrize("program", [ON_ITS_OWN, WITH_THEIR_OWN], ids=["on its own", "with their own resources"])
def test_a_foreign_application_synthesises_and_is_valid_for_terraform(
    python: Path, program: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "app.py").write_text(program)
    run(python, "app.py", cwd=tmp_path)
    stack = tmp_path / "cdktf.out/stacks/foreign"
    run(str(provider.terraform()), "init", "-input=false", "-no-color", cwd=stack, environment=environment)
    assert "Success!" in run(str(provider.terraform()), "validate", "-no-color", cwd=stack, environment=environment)


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


def test_the_same_program_runs_on_cdk_terrain(tmp_path: Path, environment: dict[str, str]) -> None:
    python = installed(tmp_path / "cdktn", "cdktn")
    (tmp_path / "app.py").write_text(ON_ITS_OWN.replace("from cdktf import", "from cdktn import"))
    run(python, "app.py", cwd=tmp_path)
    stack = tmp_path / "cdktf.out/stacks/foreign"
    run(str(provider.terraform()), "init", "-input=false", "-no-color", cwd=stack, environment=environment)
    assert "Success!" in run(str(provider.terraform()), "validate", "-no-color", cwd=stack, environment=environment)


def test_the_command_runs_with_its_extra_and_names_it_without(python: Path, tmp_path: Path) -> None:
    words: list[str | Path] = [python.with_name("cdktf-mesos"), "--help"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "pip install 'cdktf-mesos[command]'" in done.stderr
    with_extra = installed(tmp_path, "cdktf,command")
    assert "status" in run(with_extra.with_name("cdktf-mesos"), "--help", cwd=tmp_path)


def test_the_import_error_without_an_extra_names_the_extras(tmp_path: Path) -> None:
    python = installed(tmp_path / "bare", "")
    words: list[str | Path] = [python, "-c", "import cdktf_mesos"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "pip install 'cdktf-mesos[cdktf]' or '[cdktn]'" in done.stderr
