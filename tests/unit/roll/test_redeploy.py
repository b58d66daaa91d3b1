"""Forbidden changes of release, found by comparing with what the states say is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import Tls
from cdktf_mesos.cdk import App
from cdktf_mesos.roll.deployed import read_members
from sandbox.authority import make_certificate
from stacks import AgentsSettings, add_cluster
from tests.unit.aws_app import cluster as aws_cluster
from tests.unit.stacks.test_local import cluster as local_cluster
from tests.unit.stacks.test_static import machines, small
from tests.unit.synthesised import synthesise

THREE = machines("c", 11, 3)


def write(
    directory: Path,
    stack: str,
    role: str,
    version: str,
    alias: str = "c1",
    gate: str = "",
    tls: str = "",
    extra: str = "",
    **instance: str,
) -> None:
    """A state with a member, and with its gate if a status is given for that."""
    name = f"{stack.split('-')[0]}-{role}" + ("-1" if role == "agent" else "")
    labels = [{"label": "cdktf-mesos.role", "value": role}, {"label": "cdktf-mesos.version", "value": version}]
    labels += [{"label": "cdktf-mesos.tls", "value": tls}] if tls else []
    env = [f"ZOO_CFG_EXTRA={extra}"] if extra else []
    instances = [{"attributes": {"name": name, "labels": labels, "env": env}, **instance}]
    instances += [{"attributes": {"name": f"{name}-gate"}, "status": gate}] if gate else []
    provider = f'provider["registry.example/docker"].{alias}'
    resources = [{"type": "docker_container", "provider": provider, "instances": [each]} for each in instances]
    (directory / f"terraform.{stack}.tfstate").write_text(json.dumps({"version": 4, "resources": resources}))


@pytest.fixture
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def warnings(states: Path, **more: Any) -> list[str]:
    """The warnings that cdktf shows for a cluster with one or several machines of the control plane and one agent."""
    return synthesise(states / "out", small(**more)).warnings


@pytest.mark.parametrize(("deployed", "skips"), [("", True), ("used", False), ("required", False)])
def test_a_skipped_stage_of_tls_is_refused(states: Path, certificates: Path, deployed: str, skips: bool) -> None:
    make_certificate(certificates, ["IP:10.0.0.11", "IP:10.0.0.21"])
    write(states, "prod-1-control-c1-members", "master", "1.11.0", tls=deployed)
    tls = Tls("required", str(certificates))
    if skips:
        with pytest.raises(
            ValueError, match="tls skips a stage: 'off' is deployed, 'required' is wanted. Deploy 'used'"
        ):
            warnings(states, tls=tls)
    else:
        warnings(states, tls=tls)


def test_only_the_states_of_the_cluster_count(states: Path) -> None:
    write(states, "prod-2-1-control-c1-members", "master", "0.22.1")
    write(states, "prod-1-control-c1-machine", "master", "0.22.1")
    write(states, "product", "master", "0.22.1")
    (states / "terraform.prod-3-marathon-c1-members.tfstate").write_text("")
    assert not warnings(states)


def test_a_forbidden_change_is_refused_with_machine_releases_to_deploy_first_and_source(app: App, states: Path) -> None:
    write(states, "prod-3-marathon-c1-members", "marathon", "v1.4.9")
    message = (
        r"prod/marathon: v1\.4\.9 is deployed on c1, v1\.11\.24 is wanted: Marathon 1\.4 must be upgraded to 1\.5 "
        r"first, .*\. Deploy one after the other: the last 1\.5\.x, v1\.11\.24 \(Marathon docs, .*\)\. allow_bump=True "
        r"lets it pass"
    )
    with pytest.raises(ValueError, match=message):
        add_cluster(app, small())


def test_in_a_roll_that_stopped_halfway_each_machine_is_judged_by_its_own_release(app: App, states: Path) -> None:
    write(states, "prod-1-control-c1-members", "master", "1.0.1")
    write(states, "prod-1-control-c2-members", "master", "0.28.1", alias="c2")
    with pytest.raises(ValueError, match=r"0\.28\.1 is deployed on c2, 1\.11\.0 is wanted: .*: 1\.0\.x, 1\.11\.0"):
        add_cluster(app, small(control_plane=THREE))


def test_a_candidate_that_never_served_may_go_back(states: Path) -> None:
    write(states, "prod-3-marathon-c1-members", "marathon", "v1.11.25", status="tainted")
    write(states, "prod-3-marathon-c2-members", "marathon", "v1.10.17", alias="c2")
    assert not warnings(states, control_plane=THREE, marathon_version="v1.10.17")


def test_a_member_whose_gate_failed_may_go_back(states: Path) -> None:
    write(states, "prod-3-marathon-c1-members", "marathon", "v1.11.25", gate="tainted")
    write(states, "prod-3-marathon-c2-members", "marathon", "v1.10.17", alias="c2", gate="ready")
    failed = {
        each.machine: each.failed for i in (1, 2) for each in read_members(states, f"prod-3-marathon-c{i}-members")
    }
    assert failed == {"c1": True, "c2": False}
    assert not warnings(states, control_plane=THREE, marathon_version="v1.10.17")


def test_agents_and_masters_are_judged_by_their_own_pins(states: Path) -> None:
    write(states, "prod-1-control-c1-members", "master", "1.11.0")
    write(states, "prod-2-agent-a1-members", "agent", "1.11.0", alias="a1")
    assert not warnings(states, agents=AgentsSettings(version="1.10.0"))


def test_with_allow_bump_a_forbidden_change_is_one_warning(states: Path) -> None:
    for machine in ("c1", "c2", "c3"):
        write(states, f"prod-3-marathon-{machine}-members", "marathon", "v1.4.9", alias=machine)
    (warning,) = warnings(states, control_plane=THREE, allow_bump=True)
    assert warning.startswith("marathon: v1.4.9 is deployed on c1, v1.11.24 is wanted: Marathon 1.4 must be")


def test_a_change_that_is_only_discouraged_is_a_warning(states: Path) -> None:
    write(states, "prod-3-marathon-c1-members", "marathon", "v1.9.100")
    (warning,) = warnings(states)
    assert "Releases should not be skipped" in warning


@pytest.mark.parametrize("version", ["sha256:" + "0" * 64, "our-build", "v1.11.24", "v1.11.17@sha256:" + "0" * 64])
def test_an_allowed_or_unknown_release_passes(states: Path, version: str) -> None:
    write(states, "prod-3-marathon-c1-members", "marathon", version)
    assert not warnings(states)


def test_the_local_platform_is_judged_as_well(app: App, states: Path) -> None:
    write(states, "dev", "zookeeper", "3.4.14", alias="host")
    with pytest.raises(ValueError, match=r"zookeeper: 3\.4\.14 is deployed on host, 3\.9\.4 is wanted: .*snapshot"):
        add_cluster(app, local_cluster())


def test_old_files_are_ignored_if_the_state_is_in_a_bucket(app: App, states: Path) -> None:
    write(states, "prod-3-marathon-1-members", "marathon", "v1.4.9", alias="control-1")
    smallest: dict[str, Any] = {"control_plane": 1, "agents": 0}
    with pytest.raises(ValueError, match=r"v1\.4\.9 is deployed on control-1"):
        add_cluster(App(outdir=str(states / "out")), aws_cluster(**smallest))
    add_cluster(app, aws_cluster(state_bucket="our-states", **smallest))
