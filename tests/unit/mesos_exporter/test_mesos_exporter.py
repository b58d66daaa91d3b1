from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    AgentExporter,
    DockerHost,
    MasterExporter,
    MesosAgentPool,
    MesosMasterSet,
)
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.mesos_exporter import mesos_exporter
from cdktf_mesos.role.ports import Ports
from tests.unit.conftest import ClosedMasters, source_text

IMAGE = "mesosphere/mesos_exporter:v1.0.0"

Synth = Callable[[], dict[str, Any]]


@pytest.fixture
def agents(stack: TerraformStack, host: DockerHost, masters: MesosMasterSet) -> MesosAgentPool:
    return MesosAgentPool(stack, "agent", hosts=[host], masters=masters)


def test_masters_and_agents_of_one_machine_have_an_exporter_each(
    stack: TerraformStack, masters: MesosMasterSet, agents: MesosAgentPool, synth: Synth
) -> None:
    MasterExporter(stack, "master-exporter", of=masters, image=IMAGE)
    AgentExporter(stack, "agent-exporter", of=agents, image=IMAGE)
    containers = synth()["containers"]
    assert containers["master-exporter"]["command"] == ["-addr=10.20.30.11:9105", "-master=http://10.20.30.11:5050"]
    assert containers["agent-exporter"]["command"] == ["-addr=10.20.30.11:9106", "-slave=http://10.20.30.11:5051"]
    # The exporter's image has no bash, so a gate in the image of the member that it watches asks it.
    assert containers["master-exporter"]["healthcheck"]["test"] == ["NONE"]
    assert containers["master-exporter-gate"]["image"] == containers["mesos"]["image"]
    assert containers["agent-exporter-gate"]["image"] == containers["agent"]["image"]


def test_an_exporter_starts_when_its_master_serves(
    stack: TerraformStack, masters: MesosMasterSet, synth: Synth
) -> None:
    exporter = MasterExporter(stack, "master-exporter", of=masters, image=IMAGE)
    synth()
    assert masters.members[0].serves in exporter.starts_after(masters.hosts[0])


def test_only_prometheus_reaches_exporters() -> None:
    assert MasterExporter.reached() == [Ports("control", "prometheus", 9105, 9105, "Metrics of Mesos (mesos_exporter)")]
    assert AgentExporter.reached(port=9200) == [
        Ports("agents", "prometheus", 9200, 9200, "Metrics of Mesos (mesos_exporter)")
    ]


def test_the_port_must_be_free_on_the_machine(stack: TerraformStack, masters: MesosMasterSet) -> None:
    with pytest.raises(ValueError, match=r"exporter: port is invalid: 5050\. Use another port: stack/mesos has"):
        MasterExporter(stack, "exporter", of=masters, image=IMAGE, port=5050)


def test_in_a_closed_cluster_it_logs_in_and_the_password_is_only_in_a_file(
    stack: TerraformStack, closed_masters: ClosedMasters, secrets: Path, app: App, synth: Synth
) -> None:
    MasterExporter(stack, "exporter", of=closed_masters("required"), image=IMAGE)
    container = synth()["containers"]["exporter"]
    assert container["entrypoint"][:2] == ["/bin/sh", "-c"]
    # Only root may read the file.
    assert container["user"] == "0:0"
    (upload,) = container["upload"]
    assert upload["file"] == "/credentials"
    secret = (secrets / "probe").read_text()
    assert source_text(app, upload) == f"probe:{secret}"
    assert secret not in str(container)


@pytest.mark.parametrize("text", ["probe:s3cret\n", "probe:s3cret", "probe:s3:cret\n"])
def test_the_program_gets_the_login_of_the_file_in_its_environment(tmp_path: Path, text: str) -> None:
    (tmp_path / "credentials").write_text(text)
    program = tmp_path / "mesos-exporter"
    program.write_text('#!/bin/sh\necho "$MESOS_EXPORTER_USERNAME|$MESOS_EXPORTER_PASSWORD|$*"\n')
    program.chmod(0o755)
    script = Path(mesos_exporter.__file__).with_name("credentials.sh").read_text()
    script = script.replace("/credentials", f"{tmp_path}/credentials").replace("/bin/mesos-exporter", str(program))
    done = subprocess.run(
        ["sh", "-c", script, "mesos-exporter", "-addr=10.0.0.1:9105"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"probe|{text.strip().partition(':')[2]}|-addr=10.0.0.1:9105\n"


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ({"addr": ":9105"}, r"flags\['addr'\] is invalid: ':9105'\. Use the arguments of the construct instead"),
        ({"password": "s3cret"}, r"flags\['password'\] is invalid: '…'\. Remove it: it would be in the state"),
        ({"-timeout": "5s"}, r"flags\['-timeout'\] is invalid: '5s'\. Use the name of a flag without '-'"),
    ],
)
def test_flags_that_the_construct_sets_and_secrets_are_rejected(
    stack: TerraformStack, masters: MesosMasterSet, flags: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        MasterExporter(stack, "exporter", of=masters, image=IMAGE, flags=flags)


def test_further_flags_are_passed_on(stack: TerraformStack, masters: MesosMasterSet, synth: Synth) -> None:
    MasterExporter(stack, "exporter", of=masters, image=IMAGE, flags={"enableMasterState": False, "timeout": "5s"})
    assert synth()["containers"]["exporter"]["command"][2:] == ["-enableMasterState=false", "-timeout=5s"]
