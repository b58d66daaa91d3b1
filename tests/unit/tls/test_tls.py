"""What TLS adds to the containers of a cluster, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Marathon,
    MasterExporter,
    MesosAgentPool,
    MesosDns,
    MesosMasterSet,
)
from cdktf_mesos.aws.replacement_guard import _question
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.tls.tls import Stage
from sandbox.authority import make_certificate
from tests.unit.conftest import source_text
from tests.unit.tls.conftest import Masters

Synth = Callable[[], dict[str, Any]]

MARATHON, DNS, EXPORTER = (
    "mesosphere/marathon:v1.11.24",
    "mesosphere/mesos-dns:v0.6.0",
    "mesosphere/mesos_exporter:v1.0.0",
)


def variables(container: dict[str, Any]) -> dict[str, str]:
    """The variables of TLS, without their prefix."""
    found = dict(each.split("=", 1) for each in container["env"])
    return {name.removeprefix("LIBPROCESS_SSL_"): value for name, value in found.items() if "SSL" in name}


def uploads(container: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["file"]: each for each in container["upload"]}


def labels(container: dict[str, Any]) -> dict[str, str]:
    return {each["label"]: each["value"] for each in container["labels"]}


@pytest.mark.parametrize(("stage", "masters_downgrade"), [("used", "true"), ("required", "false")])
def test_masters_end_with_tls_only_and_agents_and_marathon_never_lose_plain_executors(
    stack: TerraformStack, host: DockerHost, masters: Masters, synth: Synth, stage: Stage, masters_downgrade: str
) -> None:
    mesos = masters(stage)
    MesosAgentPool(stack, "agent", hosts=[host], masters=mesos)
    Marathon(stack, "marathon", hosts=[host], masters=mesos, image=MARATHON)
    containers = synth()["containers"]
    for name, downgrade in (("mesos", masters_downgrade), ("agent", "true"), ("marathon", "true")):
        found = variables(containers[name])
        assert (found["ENABLED"], found["SUPPORT_DOWNGRADE"]) == ("true", downgrade)
        assert (found["VERIFY_CERT"], found["VERIFY_IPADD"]) == ("true", "true")
        # Mesos's own default has only ciphers that today's clients refuse.
        assert found["CIPHERS"].startswith("ECDHE-")
        assert {found["CA_FILE"], found["CERT_FILE"], found["KEY_FILE"]} == {*uploads(containers[name])}


def test_the_key_is_a_file_that_neither_the_state_nor_the_plan_has(
    app: App, certificates: Path, masters: Masters, synth: Synth
) -> None:
    masters("used")
    document = synth()
    container = document["containers"]["mesos"]
    key = uploads(container)["/etc/cdktf-mesos.key.pem"]
    assert key["permissions"] == "0400"
    text = (certificates / "key.pem").read_text()
    assert source_text(app, key) == text
    assert text.splitlines()[1] not in json.dumps(document)


def test_a_new_certificate_replaces_the_container_and_runs_its_preflight(
    certificates: Path, host: DockerHost, masters: Masters, synth: Synth
) -> None:
    mesos = masters("used")
    before = mesos.members[0].definition
    container = synth()["containers"]["mesos"]
    make_certificate(certificates, ["IP:10.20.30.11"], days=3)
    assert mesos.tls is not None
    files, new = mesos.tls.files(host)
    assert new["cdktf-mesos.certificate-ends"] != labels(container)["cdktf-mesos.certificate-ends"]
    assert files[0].digest not in before and uploads(container)[files[0].path]["source_hash"] in before


def test_a_container_tells_its_stage_and_when_its_certificate_ends(masters: Masters, synth: Synth) -> None:
    masters("required")
    found = labels(synth()["containers"]["mesos"])
    assert found["cdktf-mesos.tls"] == "required"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["cdktf-mesos.certificate-ends"])


def test_without_tls_nothing_is_added(masters: Masters, synth: Synth) -> None:
    masters(None)
    container = synth()["containers"]["mesos"]
    assert variables(container) == {} and "upload" not in container
    assert {*labels(container)} == {"cdktf-mesos.role", "cdktf-mesos.version"}
    assert "openssl" not in json.dumps(container)


def test_verification_of_addresses_can_be_left_out(masters: Masters, synth: Synth) -> None:
    masters("used", verify=False)
    assert not {"VERIFY_CERT", "VERIFY_IPADD"} & {*variables(synth()["containers"]["mesos"])}


def test_urls_begin_with_https_but_not_those_of_marathon(
    stack: TerraformStack, host: DockerHost, masters: Masters
) -> None:
    mesos = masters("required")
    assert mesos.urls == ["https://10.20.30.11:5050"]
    assert Marathon(stack, "marathon", hosts=[host], masters=mesos, image=MARATHON).urls == ["http://10.20.30.11:8080"]


def test_the_exporter_asks_over_tls(stack: TerraformStack, masters: Masters, synth: Synth) -> None:
    MasterExporter(stack, "exporter", of=masters("used"), image=EXPORTER)
    container = synth()["containers"]["exporter"]
    assert container["command"][1:] == ["-master=https://10.20.30.11:5050", "-trustedCerts=/ca.pem"]
    assert [*uploads(container)] == ["/ca.pem"]


def dns(stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, **given: Any) -> MesosDns:
    options = ContainerOptions(gate_image="debian:12")
    given = {"image": "avhost/mesos-dns:v0.9.4", "resolvers": [], **given}
    return MesosDns(stack, "dns", hosts=[host], masters=masters, options=options, **given)


def test_mesos_dns_asks_over_tls(stack: TerraformStack, host: DockerHost, masters: Masters, synth: Synth) -> None:
    dns(stack, host, masters("used"))
    found = uploads(synth()["containers"]["dns"])
    configuration = json.loads(found["/app/config.json"]["content"])
    assert (configuration["mesosHTTPSOn"], configuration["caCertFile"]) == (True, "/app/ca.pem")
    assert "/app/ca.pem" in found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"settings": {"caCertFile": "/x"}}, "tls decides this"),
        ({"image": "mesosphere/mesos-dns:v0.5.2"}, "0.6 or later"),
    ],
)
def test_a_mesos_dns_that_could_not_ask_is_refused(
    stack: TerraformStack, host: DockerHost, masters: Masters, given: dict[str, Any], says: str
) -> None:
    mesos = masters("used", image="mesosphere/mesos-master:1.7.1")
    with pytest.raises(ValueError, match=says):
        dns(stack, host, mesos, **given)


def test_the_guard_on_aws_brings_the_authority_to_the_machine_that_asks(
    certificates: Path, masters: Masters, tmp_path: Path
) -> None:
    question = _question(masters("required"), "10.20.30.11", 0)
    (tmp_path / "tmp").mkdir()
    seen = f'exec 9< "$TLS_CA"\ncat <&9 > {tmp_path}/seen\nothers_serve_in_time "$@"'
    script = question.replace('\nothers_serve_in_time "$@"', f"\n{seen}")
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path / "tmp")}
    subprocess.run(["bash", "-s"], input=script, env=environment, text=True, timeout=30, check=True)
    assert (tmp_path / "seen").read_text() == (certificates / "ca.pem").read_text()
    assert [*(tmp_path / "tmp").iterdir()] == []
