from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost
from cdktf_mesos.cdk import App, TerraformStack
from stacks import AgentsSettings, Cluster, Local, LocalPool, MarathonSettings, MastersSettings, add_cluster
from stacks.roles import Roles

Synth = Callable[[], dict[str, Any]]
MAIN = Path(__file__).parents[3] / "main.py"


def cluster(**more: Any) -> Cluster:
    pins = {"zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    return Cluster(name="dev", **{**pins, **more})


def run_main(directory: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run main.py as cdktf-cli does."""
    environment = {**os.environ, "CDKTF_CONTEXT_JSON": json.dumps({"cluster": context})}
    return subprocess.run(
        [sys.executable, MAIN], cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_default_is_one_member_of_each_role_with_public_images(app: App, synth: Synth) -> None:
    add_cluster(app, cluster())
    document = synth()
    members = {"dev-zookeeper", "dev-master", "dev-agent-1", "dev-marathon"}
    assert set(document["containers"]) == {*members, "dev-old-images"}
    defaults = {name: variable["default"] for name, variable in document["variable"].items()}
    assert defaults == {"zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    assert {name: output["value"] for name, output in document["output"].items()} == {
        "zookeeper_connect_string": "127.0.0.1:2181",
        "master_urls": ["http://127.0.0.1:5050"],
        "agent_urls": ["http://127.0.0.1:5051"],
        "marathon_urls": ["http://127.0.0.1:8080"],
    }


def test_a_warning_names_the_cluster_that_runs_under_another_name(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    labels = [{"label": "cdktf-mesos.role", "value": "zookeeper"}]
    resource = {"type": "docker_container", "instances": [{"attributes": {"name": "old-zookeeper", "labels": labels}}]}
    state = tmp_path / "terraform.old.tfstate"

    def warnings(number: int) -> list[str]:
        add_cluster(program := App(outdir=f"{app.outdir}-{number}"), cluster())
        return [str(entry.data) for entry in program.node.find_child("dev").node.metadata if "warn" in entry.type]

    state.write_text(json.dumps({"resources": []}))
    assert warnings(1) == []
    state.write_text(json.dumps({"resources": [resource]}))
    (warning,) = warnings(2)
    assert warning.startswith("old is deployed, and no longer in the program. If it is this cluster under its old name")
    # Once the cluster itself is deployed, the other one is another cluster.
    (tmp_path / "terraform.dev.tfstate").write_text(state.read_text())
    assert warnings(3) == []


def test_a_marathon_that_runs_without_a_principal_gets_none(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    labels = [{"label": "cdktf-mesos.role", "value": "marathon"}, {"label": "cdktf-mesos.version", "value": "v1.11.24"}]
    attributes = {"name": "dev-marathon", "labels": labels, "command": ["--hostname", "x"]}
    resource = {"type": "docker_container", "instances": [{"attributes": attributes}]}
    (tmp_path / "terraform.dev.tfstate").write_text(json.dumps({"resources": [resource]}))
    named = MarathonSettings(principal="marathon")
    with pytest.raises(ValueError, match=r"marathon: principal is invalid: 'marathon'\. Remove it"):
        add_cluster(App(outdir=f"{app.outdir}-1"), cluster(marathon=named))
    add_cluster(App(outdir=f"{app.outdir}-2"), cluster(marathon=named, allow_bump=True))
    add_cluster(App(outdir=f"{app.outdir}-3"), cluster())


def test_another_agent_does_not_change_the_first(app: App, synth: Synth) -> None:
    add_cluster(app, cluster(platform=Local(agents=3)))
    containers = synth()["containers"]
    assert {"dev-agent-1", "dev-agent-2", "dev-agent-3"} <= set(containers)
    other = App(outdir=f"{app.outdir}-1")
    add_cluster(other, cluster(platform=Local(agents=1)))
    other.synth()
    alone = json.loads((Path(other.outdir) / "stacks/dev/cdk.tf.json").read_text())
    (agent,) = (c for c in alone["resource"]["docker_container"].values() if c["name"] == "dev-agent-1")
    assert agent == containers["dev-agent-1"]


@pytest.mark.parametrize(
    ("local", "ranges"),
    [
        (Local(agents=1), None),
        (Local(agents=3), "32768-32999,33000-33999"),
        (Local(pools=[LocalPool(name="far", agents=2, first=30)]), "60000-60999"),
    ],
)
def test_a_warning_names_ports_that_linux_uses_for_connections(app: App, local: Local, ranges: str | None) -> None:
    add_cluster(app, cluster(platform=local))
    (stack,) = (child for child in app.node.children if isinstance(child, TerraformStack))
    warnings = [str(entry.data) for entry in stack.node.metadata if "warn" in entry.type]
    assert len(warnings) == (1 if ranges else 0)
    if ranges:
        assert warnings[0].startswith(
            f"agents offer the ports {ranges} to tasks, and by default Linux uses 32768-60999"
        )
        assert f"net.ipv4.ip_local_reserved_ports={ranges}," in warnings[0]


def test_masters_and_agents_may_have_their_own_versions(app: App, synth: Synth) -> None:
    add_cluster(app, cluster(masters=MastersSettings(version="1.11.0"), agents=AgentsSettings(version="1.10.0")))
    variables = synth()["variable"]
    assert set(variables) == {"zookeeper_version", "mesos_master_version", "mesos_agent_version", "marathon_version"}
    assert variables["mesos_agent_version"]["default"] == "1.10.0"


DIGEST = "sha256:" + "0123456789abcdef" * 4


def pinned(masters: str | None = None, agents: str | None = None, **more: Any) -> dict[str, Any]:
    """Versions for masters and agents, `version` or `version=release`."""

    def said(pin: str | None) -> dict[str, Any]:
        return dict(zip(("version", "release"), pin.split("="), strict=False)) if pin else {}

    return {"masters": MastersSettings(**said(masters)), "agents": AgentsSettings(**said(agents)), **more}


def test_a_version_may_have_the_digest_of_one_image(app: App, synth: Synth) -> None:
    more = pinned(masters=DIGEST, agents=f"1.11.0@{DIGEST}", mesos_release="1.11.0")
    add_cluster(app, cluster(**more))
    document = synth()
    assert document["variable"]["mesos_master_version"]["default"] == DIGEST
    assert document["variable"]["mesos_agent_version"]["default"] == f"1.11.0@{DIGEST}"
    agent, executor = (
        next(each["name"] for each in document["resource"]["docker_image"].values() if f'"{image}"' in each["name"])
        for image in ("mesosphere/mesos-slave", "mesosphere/mesos")
    )
    assert 'startswith(var.mesos_agent_version, "sha256:")' in agent
    assert executor == '${join(":", ["mesosphere/mesos", split("@", var.mesos_agent_version)[0]])}'


def releases(**pins: Any) -> tuple[str, str]:
    """The releases that masters and agents are configured for."""
    stack = TerraformStack(App(), "dev")
    roles = Roles(stack, cluster(**pins), [DockerHost(stack, "host", address="10.0.0.1")])
    return str(roles.masters.image.parsed_release()), str(roles.agent_image().parsed_release())


@pytest.mark.parametrize(
    ("pins", "configured"),
    [
        # A release that is for a digest is not added to a tag.
        (pinned(masters=DIGEST, mesos_release="1.11.0"), ("1.11.0", "1.7.1")),
        (
            pinned(mesos_version=DIGEST, masters=DIGEST, agents="1.10.0", mesos_release="1.11.0"),
            ("1.11.0", "1.10.0"),
        ),
        (pinned(mesos_version="ours", mesos_release="1.11.0"), ("1.11.0", "1.11.0")),
        # Masters before agents.
        (
            pinned(mesos_version="ours", mesos_release="1.10.0", masters=f"{DIGEST}=1.11.0"),
            ("1.11.0", "1.10.0"),
        ),
        (pinned(masters=f"{DIGEST}=1.11.0", agents=f"{DIGEST}=1.10.0"), ("1.11.0", "1.10.0")),
    ],
)
def test_mesos_release_is_for_versions_without_a_release(pins: dict[str, Any], configured: tuple[str, str]) -> None:
    assert releases(**pins) == configured


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        (
            {"mesos_release": "1.11.0"},
            "Cluster: mesos_release is invalid: '1.11.0'. Remove it: .* themselves, 1.7.1$",
        ),
        (
            pinned(mesos_release="1.11.0", agents="1.10.0"),
            "Cluster: mesos_release is invalid: '1.11.0'. Remove it: .* themselves, 1.7.1, 1.10.0$",
        ),
        (
            {"masters": MastersSettings(release="1.11.0")},
            "Pin mesos_version: release is invalid: '1.11.0'. .*1.7.1",
        ),
        (pinned(agents="1.10.0=1.11.0"), "Pin mesos_agent_version: release is invalid: '1.11.0'. .*1.10"),
        (pinned(masters=DIGEST), "Pin mesos_master_version: default is invalid: 'sha256:.*release='1.11.0'"),
    ],
)
def test_a_release_that_contradicts_a_version_or_is_missing_is_refused(pins: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        releases(**pins)


@pytest.mark.parametrize(
    ("pins", "named"),
    [
        (
            pinned(mesos_version=DIGEST, mesos_release="1.11.0"),
            "Cluster: mesos_version is invalid: 'sha256:.* Use a tag",
        ),
        (pinned(mesos_version=f"1.11.0@{DIGEST}", agents="1.11.0"), "Cluster: mesos_version is invalid: '1.11.0@sha"),
        (pinned(agents=DIGEST, mesos_release="1.7.1"), "mesos-slave: version is invalid: 'sha256:.*mesosphere/mesos"),
    ],
)
def test_a_digest_for_two_images_is_refused(app: App, pins: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        add_cluster(app, cluster(**pins))


@pytest.mark.parametrize(
    "old",
    [
        {"mesos_version": "0.22.1-1.0.ubuntu1404", "marathon_version": "v0.8.2", "zookeeper_version": "3.4.14"},
        {"mesos_version": "0.28.0", "mesos_family": "redjack", "marathon_version": "v1.1.1"},
    ],
)
def test_very_old_releases_can_be_deployed(app: App, synth: Synth, old: dict[str, str]) -> None:
    add_cluster(app, cluster(agents=AgentsSettings(docker_cli="/opt/docker/docker"), **old))
    assert len(synth()["containers"]) == 4 + len(["dev-old-images"])


def test_no_emitted_block_is_empty(app: App, synth: Synth) -> None:
    """cdktf synthesises lists of plain dicts to nothing, without an error."""
    add_cluster(app, cluster(platform=Local(agents=2)))

    def check(value: Any, where: str) -> None:
        assert value not in ({}, [], ""), where
        if isinstance(value, dict | list):
            for key, part in value.items() if isinstance(value, dict) else enumerate(value):
                check(part, f"{where}.{key}")

    check(synth()["resource"], "resource")


def test_main_py_synthesises_and_the_context_overrides_it(tmp_path: Path) -> None:
    done = run_main(tmp_path, {"name": "mine", "mesos_version": "1.11.0"})
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "cdktf.out/stacks/mine/cdk.tf.json").read_text())
    assert document["variable"]["mesos_version"]["default"] == "1.11.0"


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (
            {"platform": {"agents": "many"}},
            "cdktf.json: context.cluster.platform.agents is invalid: 'many'. Use a whole number",
        ),
        ({"platform": {"address": "localhost"}}, "dev/host: address is invalid: 'localhost'. Use an IPv4 address"),
        ({"platform": {"engine": "http://x"}}, "dev/host: engine is invalid: 'http://x'"),
        ({"mesos_version": "1.11.0 "}, "Pin mesos_version: default is invalid: '1.11.0 '"),
        (
            {"mesos_family": "acme"},
            "Cluster: mesos_family is invalid: 'acme'. "
            "Use one of clusterd, containersol, mesoscloud, mesosphere, redjack",
        ),
        ({"name": "mesos-x"}, "mesos-x/zookeeper: container_name is invalid: 'mesos-x-zookeeper'"),
    ],
)
def test_bad_input_in_the_context_is_a_clear_error_and_nothing_is_written(
    tmp_path: Path, context: dict[str, Any], message: str
) -> None:
    app = App(outdir=str(tmp_path / "cdktf.out"), context={"cluster": context})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        add_cluster(app, cluster())
    assert not list(tmp_path.rglob("*.json"))


def test_bad_input_ends_the_synth_with_its_error(tmp_path: Path) -> None:
    done = run_main(tmp_path, {"platform": {"address": "localhost"}})
    assert done.returncode != 0
    assert "dev/host: address is invalid: 'localhost'. Use an IPv4 address" in done.stderr
    assert not list(tmp_path.rglob("*.json"))
