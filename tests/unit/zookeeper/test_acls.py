"""The step that closes and opens znodes. Its script runs with a zkCli.sh that keeps znodes in a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Marathon, scripts
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.role.probe import ASK, SURVEY
from cdktf_mesos.security.security import Stage
from tests.unit.answers import HERE, NOT_SERVING, SERVING, answering
from tests.unit.conftest import ClosedMasters, Synth
from tests.unit.zookeeper.zk_cli import ANYONE, digest

SCRIPTS = Path(scripts.__file__).parent / "zookeeper"
OPEN, OWN = {ANYONE: "cdrwa"}, digest("zookeeper:word")
CLOSED, READABLE = {OWN: "cdrwa"}, {OWN: "cdrwa", ANYONE: "r"}
MASTERS = {"BELOW": "log_replicas", "READABLE": ".", "CLIENTS": ". log_replicas", "CHROOT": "/mesos"}
MARATHON = {"BELOW": "*", "READABLE": "leader-curator", "CLIENTS": "leader-curator", "CHROOT": "/marathon"}


def node(acl: dict[str, str], *, ephemeral: bool = False) -> dict[str, Any]:
    return {"acl": acl, "ephemeral": ephemeral}


class Znodes:
    """A tree of znodes, and the script on it."""

    def __init__(self, directory: Path, nodes: dict[str, dict[str, Any]]) -> None:
        self._directory, self._file = directory, directory / "znodes"
        self._file.write_text(json.dumps(nodes))
        program = directory / "zkCli.sh"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {Path(__file__).with_name("zk_cli.py")} "$@"\n')
        program.chmod(0o755)

    def run(self, access: str, of: dict[str, str], login: str = "zookeeper:word", port: int = 1) -> tuple[int, str]:
        """Run the script; return its exit code and what it prints."""
        (self._directory / "login").write_text(login)
        environment = {
            **of,
            "PATH": f"{self._directory}:/usr/bin:/bin",
            "ZNODES": str(self._file),
            "SERVERS": f"{HERE}:{port}",
            "MEMBERS": HERE,
            "PORT": str(port),
            "QUORUM": "1" if port == 1 else "2",
            "LOGIN_FILE": str(self._directory / "login"),
            "ACCESS": access,
        }
        script = scripts.joined(ASK, SCRIPTS / "questions.sh", SURVEY, SCRIPTS / "acls.sh")
        words = ["bash", "-c", script, "acls", "20", "2", "0"]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)
        assert "word" not in (done.stdout + done.stderr).replace("password", "")
        return done.returncode, done.stdout.strip()

    @property
    def acls(self) -> dict[str, dict[str, str]]:
        return {path: each["acl"] for path, each in json.loads(self._file.read_text()).items()}


def test_masters_keep_their_path_and_the_one_of_the_log_readable(tmp_path: Path) -> None:
    own = node(READABLE, ephemeral=True)
    tree = {"/mesos": node(OPEN), "/mesos/json.info_1": own, "/mesos/log_replicas": node(OPEN)}
    znodes = Znodes(tmp_path, tree)
    assert znodes.run("closed", MASTERS) == (0, "/mesos is closed. Changed ACLs: 2")
    assert znodes.acls == {"/mesos": READABLE, "/mesos/json.info_1": READABLE, "/mesos/log_replicas": READABLE}
    assert znodes.run("closed", MASTERS) == (0, "/mesos is closed. Changed ACLs: 0")
    assert znodes.run("open", MASTERS) == (0, "/mesos is open. Changed ACLs: 2")
    assert znodes.acls["/mesos/log_replicas"] == OPEN


def test_all_znodes_of_marathon_are_closed_and_opened_again(tmp_path: Path) -> None:
    tree = {
        "/marathon": node(OPEN),
        "/marathon/leader-curator": node(OPEN),
        "/marathon/leader-curator/member_1": node(READABLE, ephemeral=True),
        "/marathon/state": node(OPEN),
        "/marathon/state/apps": node(CLOSED),
        # A name that is also a part of ZooKeeper's own paths.
        "/marathon/state/apps/quota": node(OPEN),
        "/marathon2": node(OPEN),
    }
    znodes = Znodes(tmp_path, tree)
    assert znodes.run("closed", MARATHON) == (0, "/marathon is closed. Changed ACLs: 4")
    leader = {path: READABLE for path in tree if "leader" in path}
    others = {path: CLOSED for path in tree if path.startswith("/marathon/state") or path == "/marathon"}
    assert znodes.acls == {**others, **leader, "/marathon2": OPEN}
    assert znodes.run("open", MARATHON) == (0, "/marathon is open. Changed ACLs: 6")
    # The instance still shows that it has the password, so the znodes can be closed again.
    member = "/marathon/leader-curator/member_1"
    assert znodes.acls == {**dict.fromkeys(tree, OPEN), member: {OWN: "cdrwa", ANYONE: "cdrwa"}}
    assert znodes.run("open", MARATHON) == (0, "/marathon is open. Changed ACLs: 0")
    assert znodes.run("closed", MARATHON) == (0, "/marathon is closed. Changed ACLs: 6")


@pytest.mark.parametrize("acl", [OPEN, {digest("zookeeper:other"): "cdrwa", ANYONE: "r"}])
def test_a_client_without_the_password_is_not_locked_out(tmp_path: Path, acl: dict[str, str]) -> None:
    tree = {"/mesos": node(OPEN), "/mesos/json.info_1": node(acl, ephemeral=True), "/mesos/log_replicas": node(OPEN)}
    znodes = Znodes(tmp_path, tree)
    code, says = znodes.run("closed", MASTERS)
    assert code == 1
    assert says.startswith("/mesos: /mesos/json.info_1 was made by a client that does not have this password")
    assert znodes.acls["/mesos"] == OPEN


def test_znodes_that_another_password_has_closed_are_an_error(tmp_path: Path) -> None:
    znodes = Znodes(tmp_path, {"/marathon": node(OPEN), "/marathon/x": node({digest("zookeeper:other"): "cdrwa"})})
    code, says = znodes.run("open", MARATHON)
    assert (code, "/marathon/x cannot be changed with this password" in says) == (1, True)


def test_a_file_without_a_password_is_an_error(tmp_path: Path) -> None:
    code, says = Znodes(tmp_path, {"/mesos": node(OPEN)}).run("closed", MASTERS, login="zookeeper")
    assert (code, "there is no user:password in" in says) == (1, True)


@pytest.mark.parametrize(("answer", "code"), [(NOT_SERVING, 0), (SERVING, 1)])
def test_an_ensemble_that_is_being_formed_is_left_to_a_later_step(tmp_path: Path, answer: str, code: int) -> None:
    znodes = Znodes(tmp_path, {"/mesos": node(OPEN)})
    (tmp_path / "zkCli.sh").write_text("#!/bin/sh\nexit 1\n")
    with answering(answer) as port:
        found, says = znodes.run("closed", MASTERS, port=port)
    assert (found, "being formed" in says) == (code, code == 0)


@pytest.mark.parametrize(
    ("stage", "access", "further", "waits"),
    [("prepared", "open", "180", False), ("used", "open", "0", False), ("required", "closed", "0", True)],
)
def test_each_stage_has_a_step_for_masters_and_marathon(
    stack: TerraformStack,
    host: DockerHost,
    closed_masters: ClosedMasters,
    synth: Synth,
    stage: Stage,
    access: str,
    further: str,
    waits: bool,
) -> None:
    masters = closed_masters(stage)
    Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")
    document = synth()
    for name, chroot in (("mesos", "/mesos"), ("marathon", "/marathon")):
        step = document["containers"][f"{name}-acls-{access}"]
        assert {f"ACCESS={access}", f"CHROOT={chroot}"} <= set(step["env"])
        assert step["entrypoint"][-3:] == ["20", "120", further]
        # A member that has lost the password serves only after its znodes are open.
        assert any(name in each for each in step.get("depends_on", ())) is waits
    resources = document["resource"]["docker_container"]
    assert {f"znodes_of_master_are_{access}", f"znodes_of_marathon_are_{access}"} <= {*resources}


def test_a_marathon_that_cannot_log_in_keeps_its_znodes_open(
    stack: TerraformStack, host: DockerHost, closed_masters: ClosedMasters, synth: Synth
) -> None:
    masters = closed_masters("required")
    Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.4.13")
    assert not [name for name in synth()["containers"] if name.startswith("marathon-acls")]
