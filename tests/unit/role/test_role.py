"""A role of one's own gets from its base class all that the library's own roles have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    ContainerSpec,
    DockerHost,
    Image,
    Machine,
    MesosAgentPool,
    MesosMasterSet,
    Mount,
    Phase,
    Pin,
    Release,
    Roll,
    ZookeeperEnsemble,
    hosts_of,
)
from cdktf_mesos.aws import ClusterSecurity
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.operations.output import plain
from cdktf_mesos.operations.preview.plans import Plan
from cdktf_mesos.operations.preview.report import Report
from cdktf_mesos.operations.preview.table import table
from cdktf_mesos.operations.synthesis import read_stacks
from tests.unit.conftest import Synth
from tests.unit.role.own_role import Chronos
from tests.unit.synthesised import containers

MACHINES = [Machine(f"m{i}", f"10.0.0.{i}", f"ssh://ops@10.0.0.{i}") for i in (1, 2, 3)]


def rolled(app: App, image: str = "mesos/chronos:3.0.2", **options: Any) -> dict[str, Any]:
    """The stacks of a cluster with the role on three machines, by name."""
    roll = Roll(app, "jobs")
    control, last = roll.waves("control", MACHINES), roll.waves("chronos", MACHINES)
    zookeeper = ZookeeperEnsemble(app, "zookeeper", hosts=hosts_of(control), image="zookeeper:3.9.4")
    masters = MesosMasterSet(
        app,
        "mesos",
        hosts=hosts_of(control),
        zookeeper=zookeeper,
        cluster="jobs",
        image="mesosphere/mesos-master:1.11.0",
    )
    chronos = Chronos(
        app, "chronos", hosts=hosts_of(last), masters=masters, image=image, options=ContainerOptions(**options)
    )
    roll.prepare(Phase(control, [zookeeper, masters]), Phase(last, [chronos]))
    app.synth()
    return {path.parent.name: json.loads(path.read_text()) for path in Path(app.outdir).rglob("cdk.tf.json")}


def test_it_has_a_container_on_each_host_that_terraform_waits_for(app: App) -> None:
    documents = rolled(app)
    member = containers(documents["jobs-chronos-m2-members"])["chronos"]
    assert member["command"][-2:] == ["--cluster_name", "jobs"]
    assert {"label": "cdktf-mesos.role", "value": "chronos"} in member["labels"]
    assert (member["wait"], member["destroy_grace_seconds"]) == (True, 10)
    assert "/ping" in " ".join(member["healthcheck"]["test"])
    assert [each["host_path"] for each in member["volumes"]] == ["/var/lib/cdktf-mesos/chronos"]


def test_it_may_have_a_gate(app: App) -> None:
    documents = rolled(app, gate_image="bash:5.2")
    found = set(containers(documents["jobs-chronos-m1-members"]))
    assert found == {"chronos", "chronos-gate", "jobs-preflight-images-chronos"}


def test_a_preflight_and_a_machine_check_come_before_it(app: App) -> None:
    documents = rolled(app)
    checks = documents["jobs-chronos-m2-machine"]["resource"]["docker_container"]
    assert set(checks) == {"every_other_chronos_is_healthy", "machine_is_ready"}
    environment = dict(each.split("=", 1) for each in checks["machine_is_ready"]["env"])
    assert "4400:chronos" in environment["PORTS"].split()
    assert environment["PEERS"] == "10.0.0.1:4400 10.0.0.3:4400"


def test_the_preview_shows_it(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rolled(app)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": "true", "output": "cdktf.out"}))
    stacks = read_stacks(tmp_path, own=False)
    plans = []
    for stack in stacks:
        blocks = stack.document["resource"]
        changes = [
            {
                "address": f"{kind}.{name}",
                "type": kind,
                "mode": "managed",
                "change": {"actions": ["create"], "before": None, "after": block},
            }
            for kind, named in blocks.items()
            for name, block in named.items()
        ]
        plans.append(Plan({"resource_changes": changes}))
    lines = plain(table(Report.of(stacks, plans))).splitlines()
    asked = next(line for line in lines if line.startswith("jobs-chronos-m1-machine") or "asks first: chronos" in line)
    assert any("asks first: chronos, the machine" in line for line in lines), asked
    assert any("chronos" in line and line.endswith("create") for line in lines)
    assert sum("then removes images of past versions" in line for line in lines) == 2 * len(MACHINES)


class WithCache(Chronos):
    """A role whose directories, and nothing else, depend on the release."""

    releases = ((3, 0), (3, 1), (3, 2))

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        further = [Mount(f"{host.data_dir}/cache", "/var/cache/chronos")] if release >= Release(3, 2) else []
        return ContainerSpec(environment={}, mounts=further)


def test_a_plan_refuses_a_release_that_needs_other_directories(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    image = Image("mesos/chronos", Pin("chronos_version", "3.0.2"))
    WithCache(stack, "chronos", hosts=[host], masters=masters, image=image)
    rules = synth()["variable"]["chronos_version"]["validation"]
    assert any("with the flags of releases 3.0 to 3.1" in rule["error_message"] for rule in rules)


def test_releases_are_compared_once_for_all_hosts_of_which_the_same_is_known(app: App, masters: MesosMasterSet) -> None:
    asked: list[tuple[str, int]] = []

    class Counting(WithCache):
        """A role that notes for which hosts and releases it is configured."""

        def container(self, host: DockerHost, release: Release) -> ContainerSpec:
            asked.append((host.address, release.minor))
            return super().container(host, release)

    hosts = [
        DockerHost(TerraformStack(app, name), name, address=f"10.0.0.{number}", cgroup_version=version)
        for number, (name, version) in enumerate((("a", 1), ("b", 1), ("c", 2)), start=1)
    ]
    image = Image("mesos/chronos", Pin("chronos_version", "3.0.2"))
    Counting(app, "chronos", hosts=hosts, masters=masters, image=image)
    assert {address for address, minor in asked if minor == 2} == {"10.0.0.1", "10.0.0.3"}
    app.synth()
    a, b, c = (json.loads((Path(app.outdir) / f"stacks/{name}/cdk.tf.json").read_text()) for name in "abc")
    assert a["variable"]["chronos_version"] == b["variable"]["chronos_version"] == c["variable"]["chronos_version"]


def test_firewall_rules_admit_the_machines_that_use_its_ports(aws_stack: TerraformStack, synth: Synth) -> None:
    ClusterSecurity(aws_stack, "security", name="jobs", vpc_id="vpc-1", more_ports=Chronos.reached(port=4500))
    rules = synth()["resource"]["aws_vpc_security_group_ingress_rule"].values()
    found = {(rule["from_port"], rule["to_port"], rule["description"]) for rule in rules if rule["from_port"] == 4500}
    assert found == {(4500, 4500, "Chronos to its leader"), (4500, 4500, "The UI of Chronos")}


def test_a_change_of_release_that_it_forbids_is_refused(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    labels = [{"label": "cdktf-mesos.role", "value": "chronos"}, {"label": "cdktf-mesos.version", "value": "3.0.2"}]
    attributes = {"name": "chronos", "labels": labels}
    resource = {
        "type": "docker_container",
        "provider": 'provider["x/docker"].m2',
        "instances": [{"attributes": attributes}],
    }
    (tmp_path / "terraform.jobs-chronos-m2-members.tfstate").write_text(json.dumps({"resources": [resource]}))
    message = "chronos: 3.0.2 is deployed on m2, 2.4.0 is wanted: an older release cannot read .* [(]Chronos docs[)]"
    with pytest.raises(ValueError, match=message):
        rolled(app, image="mesos/chronos:2.4.0")


def test_a_release_older_than_it_knows_and_a_port_in_use_are_refused(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    with pytest.raises(ValueError, match="stack/old: image is invalid: 'mesos/chronos:2.3.0'. Use release 2.4 or"):
        Chronos(stack, "old", hosts=[host], masters=masters, image="mesos/chronos:2.3.0")
    with pytest.raises(ValueError, match="stack/chronos: port is invalid: 5050. Use another port: stack/mesos"):
        Chronos(stack, "chronos", hosts=[host], masters=masters, image="mesos/chronos:3.0.2", port=5050)


@pytest.mark.parametrize(
    ("control", "agent", "refused"),
    [
        ({"address": "127.0.0.1"}, {"address": "10.0.0.21"}, "stack/control: address is invalid: '127.0.0.1'"),
        ({"address": "127.9.9.9"}, {"address": "10.0.0.21"}, "stack/control: address is invalid: '127.9.9.9'"),
        ({"address": "10.0.0.11"}, {"address": "127.0.0.1"}, "stack/agent: address is invalid: '127.0.0.1'"),
        ({"address": "127.0.0.1"}, {"address": "127.0.0.1"}, "stack/agent: address is invalid: '127.0.0.1'"),
        (
            {"address": "10.0.0.11", "hostname": "localhost"},
            {"address": "10.0.0.21"},
            "stack/control: hostname is invalid: 'loc",
        ),
    ],
)
def test_loopback_addresses_are_refused_if_members_are_on_several_machines(
    stack: TerraformStack, control: dict[str, Any], agent: dict[str, Any], refused: str
) -> None:
    there = DockerHost(stack, "control", **control)
    elsewhere = DockerHost(stack, "agent", engine="ssh://ops@10.0.0.21", **agent)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[there], image="zookeeper:3.9.4")
    masters = MesosMasterSet(
        stack, "mesos", hosts=[there], zookeeper=zookeeper, cluster="c", image="mesosphere/mesos-master:1.11.0"
    )
    with pytest.raises(ValueError, match=f"stack/agents: {refused}.*Use one at which other machines"):
        MesosAgentPool(stack, "agents", hosts=[elsewhere], masters=masters)


def test_one_engine_may_have_all_its_members_at_a_loopback_address(stack: TerraformStack) -> None:
    host = DockerHost(stack, "host", address="127.0.0.1", hostname="localhost")
    again = DockerHost(stack, "again", address="10.0.0.11")
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4")
    MesosMasterSet(
        stack, "mesos", hosts=[again], zookeeper=zookeeper, cluster="c", image="mesosphere/mesos-master:1.11.0"
    )
