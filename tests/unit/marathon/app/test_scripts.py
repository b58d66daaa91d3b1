"""The scripts that deploy, watch and remove an app, against the API of Marathon's stand-in."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import scripts
from cdktf_mesos.marathon.app.form import lines_of
from cdktf_mesos.role.probe import ASK
from sandbox.process import wait_until
from sandbox.stand_ins.marathon.api import Answer, Request
from tests.unit.marathon.app.conftest import APP, DOCKER, HERE, LiveMarathon, run, start, text

DEPLOY = ("requests.sh", "values.sh", "deploy.sh")
FULL: dict[str, Any] = {
    **APP,
    "cpus": 0.1,
    "mem": 32.0,
    "instances": 2,
    "env": {"A": 'a "b" ${HOME} %{x} ü\n'},
    "networks": [{"mode": "host"}],
    "portDefinitions": [{"port": 0}, {"port": 0}],
}


def deploy(live: LiveMarathon, app: dict[str, Any], seconds: int = 30, **variables: str) -> tuple[int, str]:
    arguments = [app["id"], text(app), lines_of(app), str(seconds)]
    return run(DEPLOY, arguments, None, **{"INSTANCES": live.address, **variables})


def test_an_app_is_created_then_changed_and_loses_fields_that_it_has_no_more(live: LiveMarathon) -> None:
    assert deploy(live, FULL) == (0, "/shop: deployed, tasks running: 2\n")
    assert live.state.apps["/shop"]["env"] == FULL["env"]
    assert deploy(live, {**APP, "cmd": "sleep 2"}) == (0, "/shop: deployed, tasks running: 1\n")
    assert (live.state.apps["/shop"]["cmd"], live.state.apps["/shop"]["env"]) == ("sleep 2", {})


def test_an_app_that_is_refused_fails_at_once_with_the_reason(live: LiveMarathon) -> None:
    code, output = deploy(live, {**APP, "constraints": [["hostname", "UNIQUE"]]}, seconds=60)
    assert code == 1
    assert output.startswith("/shop: Marathon refuses the app (422): Object is not valid\n")
    assert "/constraints" in output


def test_an_app_that_does_not_run_fails_with_its_last_failure_and_is_undone(live: LiveMarathon) -> None:
    app = {**APP, "id": "/fail"}
    code, output = deploy(live, app, seconds=1)
    lines = output.splitlines()
    assert (code, lines[1], lines[-1]) == (
        1,
        "tasks: 1 wanted, 0 running, 0 staged, 0 unhealthy",
        "/fail: the deployment was undone",
    )
    assert lines[2].startswith("last failure: TASK_FAILED on h1 at 20")
    assert lines[2].endswith(r": no such image: \"a}b\"")
    assert "/fail" not in live.state.apps and not live.state.deployments


def test_a_deployment_is_undone_also_if_nobody_listens_any_more(live: LiveMarathon) -> None:
    app = {**APP, "id": "/fail"}
    process = start(DEPLOY, ["/fail", text(app), lines_of(app), "2"], INSTANCES=live.address)
    assert process.stderr is not None
    process.stderr.close()
    wait_until(lambda: "/fail" in live.state.apps, lambda: "no deployment")
    process.wait(20)
    assert "/fail" not in live.state.apps and not live.state.deployments


def test_an_app_that_stays_locked_fails_with_what_to_do(live: LiveMarathon) -> None:
    live.state.create({**APP, "id": "/fail"})
    code, output = deploy(live, {**APP, "id": "/fail", "instances": 0}, seconds=1)
    assert code == 1
    assert output.splitlines()[-1].startswith("/fail: if that deployment cannot end, send DELETE /v2/deployments/")


def test_a_deployment_that_cannot_be_undone_is_not_said_to_be(live: LiveMarathon) -> None:
    script = scripts.joined(ASK, *(HERE / name for name in DEPLOY)).replace("UNDO_SECONDS=60", "UNDO_SECONDS=1")
    app = {**APP, "id": "/fail"}
    answer = live.server.api.answer if live.server.api else None
    assert answer is not None

    def without_delete(request: Request) -> Answer:
        return Answer(503, {"message": "no leader"}) if request.method == "DELETE" else answer(request)

    live.server.api.answer = without_delete  # type: ignore[method-assign,union-attr]
    code, output = run(
        DEPLOY, ["/fail", text(app), lines_of(app), "1"], {"SCRIPT_THERE": script}, INSTANCES=live.address
    )
    assert code == 1
    assert output.endswith("/fail: the deployment could not be undone in 1 s (503): no leader\n")


def test_marathon_may_lose_its_leader_when_the_deployment_is_done(live: LiveMarathon) -> None:
    answer = live.server.api.answer if live.server.api else None
    assert answer is not None
    lost: list[str] = []

    def without_leader_at_first(request: Request) -> Answer:
        if request.method == "GET" and request.path == "/v2/apps/shop" and len(lost) < 2:
            lost.append(request.path)
            return Answer(503, {"message": "no leader"})
        return answer(request)

    live.server.api.answer = without_leader_at_first  # type: ignore[method-assign,union-attr]
    assert deploy(live, FULL, seconds=20) == (0, "/shop: deployed, tasks running: 2\n")
    assert len(lost) == 2


def test_tasks_that_end_after_the_deployment_fail_it(live: LiveMarathon) -> None:
    code, output = deploy(live, {**APP, "id": "/short"}, seconds=3)
    lines = output.splitlines()
    assert (code, lines[0][:46]) == (1, "/short: deployed, but not all tasks run after ")
    assert lines[2].startswith("last failure: TASK_FAILED on h1 at ")


def test_the_reasons_for_declined_offers_are_shown(live: LiveMarathon) -> None:
    live.state.declined["/fail"] = {"InsufficientCpus": 3}
    live.state.create({**APP, "id": "/fail-first"})
    _, output = deploy(live, {**APP, "id": "/fail"}, seconds=1)
    assert "offers declined: InsufficientCpus, 3\n" in output


def test_a_change_waits_for_a_deployment_that_has_locked_the_app(live: LiveMarathon) -> None:
    live.state.create({**APP, "id": "/fail"})
    (deployment,) = live.state.deployments.values()
    process = start(DEPLOY, ["/fail", text(APP | {"id": "/fail", "instances": 0}), "", "20"], INSTANCES=live.address)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("/fail: waits for Marathon (409): App is locked by one or more deployments.")
    live.state.cancel(deployment["id"], force=True)
    assert process.wait(20) == 0


def test_an_instance_that_does_not_answer_is_passed_over(live: LiveMarathon) -> None:
    code, _ = deploy(live, APP, INSTANCES=f"127.0.0.1:1 {live.address}")
    assert code == 0


def test_an_instance_without_a_leader_is_passed_over_and_one_that_does_not_lead_forwards(live: LiveMarathon) -> None:
    lonely, follower = LiveMarathon(), LiveMarathon()
    lonely.server.api, follower.server.api = None, None
    follower.server.leader = lambda: live.address
    try:
        assert deploy(live, APP, INSTANCES=f"{lonely.address} {follower.address}")[0] == 0
        assert "/shop" in live.state.apps
    finally:
        lonely.end()
        follower.end()


def test_over_ssh_the_script_runs_on_the_other_machine(live: LiveMarathon, tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" > {tmp_path}/words\nexec bash -s\n')
    ssh.chmod(0o755)
    code, output = run(
        DEPLOY,
        ["/shop", text(APP), lines_of(APP), "30"],
        {
            "DESTINATION": "ssh://ops@h",
            "OPTIONS": "-o\nProxyCommand=ssh -W %h:%p b",
            "PATH": f"{tmp_path}:/usr/bin:/bin",
        },
        INSTANCES=live.address,
    )
    assert (code, output) == (0, "/shop: deployed, tasks running: 1\n")
    words = (tmp_path / "words").read_text().splitlines()
    assert words == ["-o", "ProxyCommand=ssh -W %h:%p b", "--", "ssh://ops@h", "bash", "-s"]


def test_without_an_instance_that_answers_it_fails_in_time(live: LiveMarathon) -> None:
    code, output = deploy(live, APP, seconds=1, INSTANCES="127.0.0.1:1")
    assert code == 1
    assert output.endswith(
        "/shop: Marathon does not accept the app (0): no instance of Marathon answers at 127.0.0.1:1\n"
    )


def test_a_machine_without_timeout_is_named_as_the_reason(live: LiveMarathon, tmp_path: Path) -> None:
    (tmp_path / "bash").symlink_to("/bin/bash")
    code, output = run(DEPLOY, ["/shop", text(APP), "", "5"], {"PATH": str(tmp_path)}, INSTANCES=live.address)
    assert code == 1
    assert "/shop: there is no program timeout here. Install GNU coreutils, with its programs on PATH\n" in output


def test_a_password_is_sent() -> None:
    live = LiveMarathon(credentials="user:secret")
    try:
        code, output = deploy(live, APP)
        assert (code, output) == (1, "/shop: Marathon refuses the app (401): Invalid username or password.\n")
        assert deploy(live, APP, AUTHORIZATION="Basic dXNlcjpzZWNyZXQ=")[0] == 0
    finally:
        live.end()


def test_another_form_of_the_answer_is_told_but_is_no_failure(live: LiveMarathon) -> None:
    app = {**APP, "container": {**DOCKER, "docker": {**DOCKER["docker"], "network": "HOST"}}}
    code, output = deploy(live, app)
    assert code == 0
    assert output.endswith('container/docker/network: wanted "HOST", found nothing\n')


def test_an_app_is_removed_with_its_tasks_and_may_be_gone_already(live: LiveMarathon) -> None:
    files = ("requests.sh", "remove.sh")
    deploy(live, FULL)
    assert run(files, ["/shop", "30"], INSTANCES=live.address) == (0, "/shop: removed\n")
    assert not live.state.apps and not live.state.tasks
    assert run(files, ["/shop", "30"], INSTANCES=live.address) == (0, "/shop: not there\n")
    code, output = run(files, ["/shop", "0"], INSTANCES="127.0.0.1:1")
    assert code == 1 and "no instance of Marathon answers" in output


class Watch:
    """The watch of an app, with its file in a temporary directory."""

    def __init__(self, live: LiveMarathon, app: dict[str, Any], seen: Path) -> None:
        script = scripts.joined(*(HERE / name for name in ("requests.sh", "values.sh", "watch.sh")))
        script = f'find_limit() {{ limit=(timeout); }}\nlimited() {{ timeout "$@"; }}\n{script}'
        words = ["bash", "-c", script.replace("/tmp/app-was-as-wanted", str(seen)), "watch"]
        self.process = subprocess.Popen(
            [*words, app["id"], lines_of(app), "0.1"],
            env={"PATH": "/usr/bin:/bin", "INSTANCES": live.address, "AUTHORIZATION": ""},
            stdout=subprocess.PIPE,
            text=True,
        )

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait_for(self, wanted: str) -> None:
        """Read lines up to one; in between there may be one about a deployment that is under way."""
        while (line := self.line()) != wanted:
            assert line, "the watch has ended"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def new_watch(live: LiveMarathon, tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    """Starts a watch, each time in the same container."""
    started: list[Watch] = []

    def new(app: dict[str, Any] = FULL) -> Watch:
        started.append(Watch(live, app, tmp_path / "seen"))
        return started[-1]

    yield new
    for watch in started:
        watch.end()


def test_a_watch_waits_for_the_deploy_and_ends_when_the_app_is_changed_by_hand(
    live: LiveMarathon, new_watch: Callable[..., Watch]
) -> None:
    watch = new_watch()
    assert [watch.line(), watch.line()] == ["/shop: not yet as the program wants it:", "the app does not exist"]
    deploy(live, FULL)
    watch.wait_for("/shop: as the program wants it")
    live.update("/shop", instances=5, env={**FULL["env"], "B": "c"})
    assert watch.line() == "/shop: changed, but not by a deploy of the program:"
    assert sorted([watch.line(), watch.line()]) == ["env: wanted {1}, found {2}", "instances: wanted 2, found 5"]
    assert watch.process.wait(5) == 0
    # Started again by the next deploy, it waits for the app once more.
    again = new_watch()
    assert again.line() == "/shop: not yet as the program wants it:"
    deploy(live, FULL)
    again.wait_for("/shop: as the program wants it")


def test_a_watch_that_was_ended_by_a_reboot_notices_what_happened_meanwhile(
    live: LiveMarathon, new_watch: Callable[..., Watch]
) -> None:
    deploy(live, FULL)
    watch = new_watch()
    watch.wait_for("/shop: as the program wants it")
    watch.end()
    live.state.delete("/shop", force=True)
    again = new_watch()
    assert again.line() == "/shop: changed, but not by a deploy of the program:"
    assert again.process.wait(5) == 0


def test_a_deployment_that_is_undone_is_no_change_by_hand(live: LiveMarathon, new_watch: Callable[..., Watch]) -> None:
    app = {**APP, "id": "/fail"}
    watch = new_watch(app)
    assert [watch.line(), watch.line()] == ["/fail: not yet as the program wants it:", "the app does not exist"]
    assert deploy(live, app, seconds=1)[0] == 1
    assert [watch.line(), watch.line()] == ["/fail: not yet as the program wants it:", "its deployment is under way"]
    assert [watch.line(), watch.line()] == ["/fail: not yet as the program wants it:", "the app does not exist"]
    assert watch.process.poll() is None


def test_a_watch_goes_on_while_marathon_does_not_answer(live: LiveMarathon, new_watch: Callable[..., Watch]) -> None:
    deploy(live, FULL)
    watch = new_watch()
    watch.wait_for("/shop: as the program wants it")
    live.server.api = None
    time.sleep(0.5)
    assert watch.process.poll() is None


@pytest.mark.parametrize(
    "value",
    [
        {"a": [], "b": {}, "c": [[1, [2, {"d": None}]], "x"], "e": True},
        {"text": 'quote " backslash \\ tab \t newline \n brackets ]}[{ ü, :'},
        [{"": 1}, {"a/b": -2.5}],
    ],
)
def test_values_reads_json_as_python_does(value: Any) -> None:
    lines = subprocess.run(
        ["bash", "-c", f'{scripts.text_of(HERE / "values.sh")}\nvalues "$1"', "values", text(value)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert sorted(lines) == sorted(f"{path}\t{found}" for path, found in flattened("", value))


def test_the_tasks_of_an_app_are_left_out() -> None:
    tasks = [{"id": f"shop.{at}", "ports": [31000, 31001], "ipAddresses": [{"ipAddress": "a]b"}]} for at in range(500)]
    app = {"app": {"id": "/shop", "tasks": tasks, "env": {"tasks": "3"}, "labels": {}}}
    command = f'{scripts.text_of(HERE / "values.sh")}\nvalues "$(cat)"'
    found = subprocess.run(
        ["bash", "-c", command], input=text(app), capture_output=True, text=True, check=True, timeout=10
    )
    assert found.stdout.splitlines() == [
        '/"app"/"id"\t"/shop"',
        '/"app"/"env"/"tasks"\t"3"',
        '/"app"/"env"\t{1}',
        '/"app"/"labels"\t{0}',
        '/"app"\t{4}',
        "\t{1}",
    ]


def flattened(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        inner = [line for name, each in value.items() for line in flattened(f"{path}/{text(name)}", each)]
        return [*inner, (path, f"{{{len(value)}}}")]
    if isinstance(value, list):
        inner = [line for at, each in enumerate(value) for line in flattened(f"{path}/{at}", each)]
        return [*inner, (path, f"[{len(value)}]")]
    return [(path, json.dumps(value, ensure_ascii=False))]
