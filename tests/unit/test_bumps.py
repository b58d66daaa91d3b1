from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from stacks import Cluster, add_cluster
from stacks.machines import Machine

CLUSTER = Cluster(
    name="prod",
    platform="static",
    control_plane=[Machine("c1", "10.0.0.11", "unix:///c1.sock")],
    agent_machines=[Machine("a1", "10.0.0.21", "unix:///a1.sock")],
    zookeeper_version="3.9.4",
    mesos_version="1.4.1",
    marathon_version="v1.6.352",
)


def deployed(folder: Path, stack: str, **roles: str) -> None:
    """The state of a stack with these roles' containers, by their versions."""
    instances: list[dict[str, Any]] = [
        {
            "type": "docker_container",
            "instances": [
                {
                    "attributes": {
                        "name": "prod-agent-1" if role == "agent" else f"prod-{role}",
                        "labels": [
                            {"label": "cdktf-mesos.role", "value": role},
                            {"label": "cdktf-mesos.version", "value": version},
                        ],
                    }
                }
            ],
        }
        for role, version in roles.items()
    ]
    (folder / f"terraform.{stack}.tfstate").write_text(json.dumps({"resources": instances}))


@pytest.mark.parametrize(
    ("stack", "roles", "message"),
    [
        (
            "prod-1-control-c1-members",
            {"zookeeper": "3.4.14", "master": "1.4.0-rc5"},
            "zookeeper 3.9.4: prod-zookeeper .*prod-1-control-c1-members.* is 3.4.14, .*: 3.5.10, then 3.9.4; any_bump",
        ),
        (
            "prod-1-control-c1-members",
            {"master": "0.27.0-1.0.ubuntu1404"},
            "master 1.4.1: .*Mesos docs, upgrades.*path: 0.28, then 1.0, then 1.4.1",
        ),
        ("prod-2-agent-a1-members", {"agent": "0.25.0"}, "agent 1.4.1: .*path: 0.26, then 0.27, then 0.28"),
        ("prod-3-marathon-c1-members", {"marathon": "v1.4.5"}, "marathon v1.6.352: .*path: 1.5, then v1.6.352"),
    ],
)
def test_a_jump_that_a_project_forbids_is_refused_with_the_path(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: str, roles: dict[str, str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, stack, **roles)
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path / "refused")), CLUSTER)
    add_cluster(app, replace(CLUSTER, any_bump=True))


@pytest.mark.parametrize(
    "roles",
    [
        {"zookeeper": "3.8.4", "master": "1.11.0", "agent": "1.0.1-2.0.93.ubuntu1404", "marathon": "v1.5.0"},
        {"zookeeper": f"sha256:{'0' * 64}"},
        {"preflight": "0.22.1"},
    ],
)
def test_what_may_follow_or_cannot_be_told_passes(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roles: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, "prod-1-control-c1-members", **roles)
    add_cluster(app, CLUSTER)


def test_a_pin_that_is_given_for_one_deploy_counts(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, "prod-3-marathon-c1-members", marathon="v1.4.5")
    monkeypatch.setenv("TF_VAR_marathon_version", "v1.5.2")
    add_cluster(app, CLUSTER)


def test_another_clusters_state_is_not_looked_at(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, "staging-1-control-c1-members", zookeeper="3.4.14")
    add_cluster(app, CLUSTER)
