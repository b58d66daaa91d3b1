"""What the principal and the stages of security add to Marathon, and the scripts that run with them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Marathon, MesosMasterSet, Security, scripts
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.closed import closed_marathon, principal_check
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.roll.deployed import DeployedMember
from cdktf_mesos.security.security import Stage
from tests.unit.answers import HERE, answering
from tests.unit.conftest import ClosedMasters, Synth, source_text

IMAGE, ZK = "mesosphere/marathon:v1.11.24", "zk://10.0.0.1:2181/marathon"
START = Path(scripts.__file__).parent / "marathon" / "start.sh"


def option(words: list[str], name: str) -> str | None:
    return words[words.index(name) + 1] if name in words else None


def test_an_open_cluster_has_no_principal_unless_it_is_set(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    Marathon(stack, "m1", hosts=[host], masters=masters, image=IMAGE)
    more: dict[str, Any] = {"chroot": "/other", "port": 8081, "libprocess_port": 15102}
    named = Marathon(stack, "named", hosts=[host], masters=masters, image=IMAGE, principal="marathon", **more)
    containers = synth()["containers"]
    assert option(containers["m1"]["command"], "--mesos_authentication_principal") is None
    assert option(containers["named"]["command"], "--mesos_authentication_principal") == "marathon"
    assert "--mesos_authentication" not in containers["named"]["command"]
    assert named.members[0].host_check


@pytest.mark.parametrize(
    ("release", "stage", "flags", "variables"),
    [
        # Before 1.1 the principal alone makes it authenticate, and so it comes with the secret.
        (Release(1, 0), "prepared", [], []),
        (Release(1, 0), "used", ["principal", "principal:secret"], []),
        (Release(1, 1), "prepared", ["principal"], []),
        (Release(1, 1), "required", ["principal", "principal:secret"], ["MESOSPHERE_HTTP_CREDENTIALS"]),
        (Release(1, 2), "used", ["principal", "principal:secret", "on"], []),
        (Release(1, 4), "used", ["principal", "principal:secret", "on"], []),
        (Release(1, 5), "prepared", ["principal"], []),
        (Release(1, 5), "used", ["principal", "principal:secret", "on"], ["MARATHON_ZK"]),
        (
            Release(1, 11),
            "required",
            ["principal", "principal:secret", "on"],
            ["MARATHON_ZK", "MESOSPHERE_HTTP_CREDENTIALS"],
        ),
    ],
)
def test_the_stages_go_by_release(
    secrets: Path, release: Release, stage: Stage, flags: list[str], variables: list[str]
) -> None:
    closed = closed_marathon("marathon", Security(stage, str(secrets)), release, ZK)
    names = {
        "principal": "mesos_authentication_principal",
        "principal:secret": "mesos_authentication_secret_file",
        "on": "mesos_authentication",
    }
    assert [*closed.flags] == [names[each] for each in flags]
    assert [*closed.variables] == variables
    # The images run as nobody.
    assert {each.mode for each in closed.files} <= {"0444"}
    texts = {each.path: each.text for each in closed.files}
    if "principal:secret" in flags:
        assert texts[closed.flags["mesos_authentication_secret_file"] or ""] == (secrets / "marathon").read_text()
    if "MARATHON_ZK" in variables:
        login = f"zookeeper:{(secrets / 'zookeeper').read_text()}"
        assert texts[closed.variables["MARATHON_ZK"]] == f"zk://{login}@10.0.0.1:2181/marathon"


def test_no_secret_is_in_the_definition(
    app: App, stack: TerraformStack, host: DockerHost, closed_masters: ClosedMasters, secrets: Path, synth: Synth
) -> None:
    Marathon(stack, "m1", hosts=[host], masters=closed_masters("required"), image=IMAGE)
    document = synth()
    for name in ("agent", "marathon", "operator", "probe", "zookeeper"):
        assert (secrets / name).read_text() not in json.dumps(document)
    container = document["containers"]["m1"]
    # Marathon refuses a flag that is set twice.
    assert "--zk" not in container["command"]
    texts = [source_text(app, each) for each in container["upload"]]
    assert (secrets / "marathon").read_text() in texts
    master = document["containers"]["mesos"]
    assert "MESOS_ZK=file:///etc/cdktf-mesos.zk" in master["env"]
    (zk,) = (each for each in master["upload"] if each["file"] == "/etc/cdktf-mesos.zk")
    assert source_text(app, zk).endswith("@10.20.30.11:2181/mesos")


def test_the_start_script_gives_values_of_files_to_the_images_own_entrypoint(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "start"
    program.write_text('#!/bin/bash\nprintf "%s|" "$A" "$B" "$@"\n')
    program.chmod(0o755)
    (tmp_path / "a").write_text("user:secret")
    (tmp_path / "b").write_text("zk://x@y/z\n")

    def start(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["bash", START, *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert start("A=a", "B=b", "--", "--x", "1 2").stdout == "user:secret|zk://x@y/z|--x|1 2|"
    missing = start("A=none", "--", "--x")
    assert (missing.returncode, missing.stdout.strip().splitlines()[-1]) == (1, "none cannot be read, or is empty")


@pytest.mark.parametrize("principal", ["other", "framework-chronos"])
def test_a_principal_without_a_secret_is_refused(
    stack: TerraformStack, host: DockerHost, closed_masters: ClosedMasters, principal: str
) -> None:
    with pytest.raises(ValueError, match=r"principal is invalid: .* Use a principal of the cluster's secrets: m"):
        Marathon(stack, "m1", hosts=[host], masters=closed_masters("used"), image=IMAGE, principal=principal)


@pytest.mark.parametrize(("wanted", "refused"), [(None, True), ("other", True), ("marathon", False)])
def test_a_principal_cannot_be_removed(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, wanted: str | None, refused: bool
) -> None:
    marathon = Marathon(stack, "m1", hosts=[host], masters=masters, image=IMAGE, principal=wanted)
    command = ["--master", "x", "--mesos_authentication_principal", "marathon"]
    deployed = DeployedMember("stack", "host-1", "marathon", "v1.11.24", "m1", {}, command, failed=False)
    problem = marathon.refuse_redeploy(marathon.members[0], deployed)
    assert bool(problem) is refused
    assert not problem or "set its principal to 'marathon'" in problem


def frameworks(*known: dict[str, Any], completed: str = "old") -> str:
    """A master's answer to /frameworks, with names and brackets in it that are not those of a framework."""
    task = {"id": "t[1]", "name": 'a"{', "statuses": [{"state": "TASK_RUNNING"}], "principal": "of-a-task"}
    body = {
        "completed_frameworks": [{"id": "F0", "name": "marathon", "principal": completed}],
        "frameworks": [{**each, "tasks": [task], "labels": [{"id": "x"}]} for each in known],
        "unregistered_frameworks": [],
    }
    return "HTTP/1.1 200 OK\r\n\r\n" + json.dumps(body, separators=(",", ":"))


@pytest.mark.parametrize(
    ("answer", "info", "code", "says"),
    [
        (frameworks({"id": "F1", "name": "marathon", "principal": "marathon"}), "", 0, ""),
        (frameworks(), "", 0, ""),
        (frameworks({"id": "F1", "name": "marathon"}), "", 2, "marathon (F1) with no principal"),
        (frameworks({"id": "F1", "name": "marathon", "principal": "m2"}), "", 2, "with m2"),
        (frameworks({"id": "F1", "name": "chronos"}), "", 0, ""),
        # The id that Marathon itself knows decides: there may be two of the same name.
        (
            frameworks({"id": "F1", "name": "marathon"}, {"id": "F2", "name": "marathon", "principal": "marathon"}),
            '"frameworkId":"F2"',
            0,
            "",
        ),
        (frameworks({"id": "F1", "name": "renamed"}), '"frameworkId":"F1"', 2, "renamed (F1)"),
        # A master that does not lead, or that is being formed.
        ("HTTP/1.1 307 Temporary Redirect\r\n\r\n", "", 0, ""),
        ("HTTP/1.1 401 Unauthorized\r\n\r\n", "", 1, "does not tell its frameworks (401)"),
    ],
)
def test_a_marathon_that_masters_know_keeps_its_principal(answer: str, info: str, code: int, says: str) -> None:
    known = {"/master/frameworks": answer, "/v2/info": f"HTTP/1.1 200 OK\r\n\r\n{{{info}}}"}
    with answering(known) as port:
        check = principal_check("marathon", "marathon", [f"{HERE}:1", f"{HERE}:{port}"], [f"{HERE}:{port}"])
        script = scripts.joined(ASK, check.script, "find_limit", "settled")
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, check=False, env={**check.environment, **PATH}
        )
    assert (done.returncode, says in done.stdout) == (code, True)


def test_masters_that_serve_and_tell_no_frameworks_are_waited_for() -> None:
    with answering({"/master/frameworks": "HTTP/1.1 307 Temporary Redirect\r\n\r\n"}) as port:
        check = principal_check("marathon", "marathon", [f"{HERE}:{port}"], [])
        script = scripts.joined(ASK, check.script, "find_limit", "settled")
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, check=False, env={**check.environment, **PATH}
        )
    assert (done.returncode, "no master tells its frameworks" in done.stdout) == (1, True), done


PATH = {"PATH": "/usr/bin:/bin"}
