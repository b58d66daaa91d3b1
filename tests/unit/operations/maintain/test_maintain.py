from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.container.names import LOCK, LOCK_LABEL
from cdktf_mesos.operations.commands import cli
from cdktf_mesos.operations.connections import Connection, Host
from cdktf_mesos.operations.maintain import progress, steps
from cdktf_mesos.operations.maintain.machine import Machine
from tests.unit.operations.conftest import HOSTS, SERVES
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]


class Cluster:
    """What members answer, on any machine.

    Args:
        refusals: why a set cannot do without its member, by role.
        boots: the machines' boots.
        asked: the arguments of the questions to sets.
        calls: the calls of the master's API.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.refusals: dict[str, str] = {}
        self.boots = dict.fromkeys(engines, "boot-1")
        self.ids = {"a1": "S-a1", "a2": "S-a2"}
        self.drained: set[str] = set()
        self.stubborn = False
        self.version = "1.11.0"
        self.schedule: dict[str, Any] = {"windows": []}
        self.deactivated: set[str] = set()
        self.asked: list[list[str]] = []
        self.calls: list[str] = []
        self.authorization = ""
        for name, engine in engines.items():
            engine.scripted = lambda words, env, name=name: self.answer(name, words, env)  # type: ignore[misc]

    def answer(self, machine: str, words: list[str], environment: list[str]) -> tuple[int, str] | None:
        script, arguments = words[2], words[4:]
        if "boot_id" in script:
            return 0, f"{self.boots[machine]}\n"
        if "others_serve_in_time" in script:
            self.asked.append(arguments)
            why = self.refusals.get(arguments[0])
            return (1, f"{why}\n") if why else (0, "")
        if "AUTHORIZATION" in script:
            self.authorization = environment[0].partition("=")[2]
            return 0, self._master(*arguments)
        return None

    def _master(self, host: str, port: str, path: str, body: str = "") -> str:
        if host != HOSTS["c2"]:
            return "HTTP/1.1 307 Temporary Redirect\r\nLocation: //10.0.0.12:5050\r\n\r\n"
        content = ""
        if path == "/state":
            content = json.dumps(self._state())
        elif path == "/api/v1":
            call = json.loads(body)
            agent = call.get("drain_agent", call.get("reactivate_agent"))["agent_id"]["value"]
            self.calls.append(f"{call['type']} {agent}")
            (self.drained.add if call["type"] == "DRAIN_AGENT" else self.drained.discard)(agent)
        elif body:
            self.schedule = json.loads(body)
            self.calls.append("schedule")
        else:
            content = json.dumps(self.schedule)
        return f"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{content}"

    def _state(self) -> dict[str, Any]:
        agents = [
            {
                "id": id_,
                "hostname": HOSTS[name],
                "port": 5051,
                "pid": f"slave(1)@{HOSTS[name]}:5051",
                **({"drain_info": {"state": "DRAINED"}} if id_ in self.drained else {}),
                "deactivated": id_ in self.drained | self.deactivated,
            }
            for name, id_ in self.ids.items()
        ]
        tasks = [
            {"name": "web", "slave_id": id_, "state": "TASK_RUNNING"}
            for id_ in self.ids.values()
            if self.stubborn or id_ not in self.drained
        ]
        leader = {"hostname": HOSTS["c2"], "port": 5050}
        frameworks = [{"name": "marathon", "tasks": tasks}]
        return {"version": self.version, "leader_info": leader, "slaves": agents, "frameworks": frameworks}


@pytest.fixture
def cluster(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(steps, "_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("cdktf_mesos.operations.drain.bare.time.sleep", lambda _: None)
    return Cluster(engines)


def maintain(*words: str) -> Result:
    return CliRunner().invoke(cli, ["maintain", "--patience-seconds", "0", *words])


def noting(text: str = "") -> list[str]:
    """A command that writes the machine's name and address to a file, and then runs a program of Python."""
    note = "import sys, pathlib; f = pathlib.Path('ran'); f.write_text((f.read_text() if f.exists() else '')"
    return ["--", sys.executable, "-IS", "-c", f"{note} + ' '.join(sys.argv[1:]) + ';'); {text}", "{host}", "{address}"]


def ran() -> str:
    return Path("ran").read_text() if Path("ran").exists() else ""


def locked(engines: Engines) -> list[str]:
    return [name for name, engine in engines.items() if LOCK in engine.containers]


def test_an_agent_is_drained_the_command_runs_and_it_gets_tasks_again(cluster: Cluster, engines: Engines) -> None:
    result = maintain("a1", *noting())
    assert result.exit_code == 0, result.output
    assert ran() == "a1 10.0.0.21;"
    assert cluster.calls == ["DRAIN_AGENT S-a1", "REACTIVATE_AGENT S-a1"]
    assert "a1: safe now" in result.output
    assert "a1: agent S-a1 is back under the same id, with 0 tasks" in result.output
    assert (locked(engines), Path(progress.FILE).exists()) == ([], False)


def test_all_machines_are_maintained_one_after_another_in_the_order_of_the_roll(cluster: Cluster) -> None:
    result = maintain("--all", *noting())
    assert result.exit_code == 0, result.output
    assert ran() == "".join(f"{name} {address};" for name, address in HOSTS.items())
    assert cluster.drained == set()


def test_each_set_of_the_machine_is_asked_what_a_preflight_asks(cluster: Cluster, project: Path) -> None:
    maintain("c2", *noting())
    wanted = []
    for path in project.glob("cdktf.out/stacks/prod-[13]-*-c2-machine/cdk.tf.json"):
        for name, block in json.loads(path.read_text())["resource"]["docker_container"].items():
            if name.startswith("every_other"):
                _, role, _, _, *arguments = block["entrypoint"][4:]
                wanted.append([role, "0", *arguments])
    # A preflight also checks the new release, which is of no concern here.
    for each in wanted:
        each[7] = "-"
        # Where members serve alone, a preflight does not ask those that come later: they may not be deployed yet.
        if each[0] == "marathon":
            each[8:] = ["10.0.0.11", "10.0.0.13", "10.0.0.12"]
    assert len(wanted) == 3
    assert sorted(cluster.asked) == sorted(wanted)


def test_a_set_that_cannot_do_without_its_member_is_a_reason_to_change_nothing(
    cluster: Cluster, engines: Engines
) -> None:
    cluster.refusals["master"] = "not every other master serves: 10.0.0.13 does not serve"
    result = maintain("c2", *noting())
    assert (result.exit_code, ran(), cluster.calls) == (3, "", [])
    text = "maintain: c2 cannot be done without now: not every other master serves: 10.0.0.13 does not serve\n"
    assert result.stderr == text
    assert (locked(engines), Path(progress.FILE).exists()) == ([], False)


def test_the_set_is_asked_again_after_a_long_drain(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Cluster._master

    def later(self: Cluster, *arguments: str) -> str:
        if arguments[2] == "/api/v1":
            self.refusals["agent"] = "not every other agent serves"
        return before(self, *arguments)

    monkeypatch.setattr(Cluster, "_master", later)
    assert (maintain("a1", *noting()).exit_code, ran()) == (3, "")
    assert (cluster.calls, locked(cluster.engines)) == (["DRAIN_AGENT S-a1", "REACTIVATE_AGENT S-a1"], [])


def test_an_agent_that_the_masters_do_not_know_cannot_be_drained(cluster: Cluster) -> None:
    del cluster.ids["a1"]
    result = maintain("a1", *noting())
    assert (result.exit_code, ran()) == (3, "")
    assert "the leading master knows no agent at 10.0.0.21:5051" in result.stderr
    assert maintain("a1", "--keep-tasks").exit_code == 0


def test_tasks_that_do_not_move_stop_it_and_the_agent_gets_tasks_again(cluster: Cluster, engines: Engines) -> None:
    cluster.stubborn = True
    result = maintain("a1", "--drain-seconds", "0", *noting())
    assert (result.exit_code, ran()) == (5, "")
    assert cluster.calls == ["DRAIN_AGENT S-a1", "REACTIVATE_AGENT S-a1"]
    assert "web of marathon (TASK_RUNNING)" in result.stderr
    assert locked(engines) == []


def test_tasks_may_stay_and_it_says_what_that_means(cluster: Cluster) -> None:
    result = maintain("a1", "--keep-tasks", *noting())
    assert (result.exit_code, cluster.calls) == (0, [])
    assert "a1: if its engine restarts, its tasks end, and start again" in result.output


def test_before_1_9_a_schedule_drains_and_is_removed(cluster: Cluster) -> None:
    cluster.version = "1.7.1"
    result = maintain("a1", "--drain-seconds", "0", *noting())
    # Nobody moves the tasks here, so it gives up.
    assert (result.exit_code, cluster.calls, cluster.schedule) == (5, ["schedule", "schedule"], {"windows": []})


def test_a_drain_that_somebody_else_made_stays(cluster: Cluster, engines: Engines) -> None:
    cluster.drained.add("S-a1")
    result = maintain("a1", "a2", *noting())
    assert result.exit_code == 0, result.output
    assert cluster.calls == ["DRAIN_AGENT S-a2", "REACTIVATE_AGENT S-a2"]
    assert "a1: agent S-a1 was drained before, and stays so afterwards" in result.output
    assert (cluster.drained, locked(engines)) == ({"S-a1"}, [])


def test_its_own_drain_is_undone_after_an_interruption_and_that_of_others_is_not(cluster: Cluster) -> None:
    assert maintain("a1").exit_code == 0
    assert maintain("a1").exit_code == 0
    assert maintain("--done").exit_code == 0
    assert cluster.drained == set()
    cluster.drained.add("S-a1")
    assert maintain("a1").exit_code == 0
    assert maintain("--done").exit_code == 0
    assert cluster.drained == {"S-a1"}


def test_an_agent_that_somebody_has_deactivated_is_not_activated(cluster: Cluster) -> None:
    cluster.deactivated.add("S-a1")
    # Its tasks stay, and nobody moves them.
    result = maintain("a1", "--drain-seconds", "0", *noting())
    assert (result.exit_code, cluster.calls, ran()) == (5, [], "")
    assert "get tasks again" not in result.stderr
    assert maintain("a1", "--keep-tasks", *noting()).exit_code == 0
    assert cluster.calls == []


def test_before_1_9_a_schedule_that_somebody_else_made_stays(cluster: Cluster) -> None:
    cluster.version = "1.7.1"
    other = {"machine_ids": [{"hostname": HOSTS["a1"], "ip": HOSTS["a1"]}], "unavailability": {"start": {}}}
    cluster.schedule = {"windows": [other]}
    # Its tasks have moved.
    cluster.drained.add("S-a1")
    result = maintain("a1", *noting())
    assert result.exit_code == 0, result.output
    assert (cluster.calls, cluster.schedule) == ([], {"windows": [other]})


def test_while_one_call_runs_another_one_in_the_directory_is_refused(cluster: Cluster, engines: Engines) -> None:
    seen: list[Result] = []

    def meanwhile(*_: object) -> int:
        seen.extend(maintain(*words) for words in (("a1", *noting()), ("a2", *noting()), ("--done",)))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "run_in_foreground", meanwhile)
        assert maintain("a1", *noting()).exit_code == 0
    assert [each.exit_code for each in seen] == [4, 4, 4]
    assert all("another maintain runs in" in each.stderr for each in seen)
    assert (cluster.calls, locked(engines)) == (["DRAIN_AGENT S-a1", "REACTIVATE_AGENT S-a1"], [])


def test_without_a_command_it_ends_when_it_is_safe_and_done_ends_it(cluster: Cluster, engines: Engines) -> None:
    first = maintain("a1")
    assert (first.exit_code, cluster.drained, locked(engines)) == (0, {"S-a1"}, list(engines)), first.output
    second = maintain("a2")
    assert (second.exit_code, "the maintenance of a1 is under way" in second.stderr) == (4, True), second.output
    other = maintain("--done", "a2")
    assert (other.exit_code, "no maintenance is under way" in other.stderr) == (1, True)
    last = maintain("--done")
    assert (last.exit_code, cluster.drained, locked(engines)) == (0, set(), []), last.output


def test_it_waits_until_all_members_are_healthy(cluster: Cluster, engines: Engines) -> None:
    engines["c1"].containers["prod-master"]["State"]["Health"] = {
        "Status": "unhealthy",
        "Log": [{"Output": "a\nno quorum\n"}],
    }
    result = maintain("c1", "--back-seconds", "0", *noting())
    assert (result.exit_code, ran()) == (7, "c1 10.0.0.11;")
    assert "c1 is not back after 0 s: prod-master is unhealthy: no quorum" in result.stderr


def test_a_machine_that_is_not_back_stays_locked_and_the_next_call_goes_on_without_the_command(
    cluster: Cluster, engines: Engines
) -> None:
    engines["a1"].printed["prod-agent-1"] = "listens=no\n"
    assert maintain("a1", "a2", "--back-seconds", "0", *noting()).exit_code == 7
    assert (locked(engines), cluster.drained) == (list(engines), {"S-a1"})
    engines["a1"].printed["prod-agent-1"] = SERVES
    result = maintain("a1", "a2", *noting())
    assert (result.exit_code, ran()) == (0, "a1 10.0.0.21;a2 10.0.0.22;"), result.output
    assert (locked(engines), cluster.drained) == ([], set())


def test_an_interrupted_call_leaves_all_as_it_is_and_the_next_one_goes_on(
    cluster: Cluster, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(steps, "run_in_foreground", interrupted)
        assert maintain("a1", *noting()).exit_code == 130
    assert (locked(engines), cluster.drained) == (list(engines), {"S-a1"})
    result = maintain("a1", *noting())
    assert (result.exit_code, ran(), "a1: the command ran before" in result.output) == (0, "", True)
    assert (locked(engines), cluster.drained) == ([], set())


def test_if_somebody_took_the_lock_meanwhile_what_was_begun_is_not_forgotten(
    cluster: Cluster, engines: Engines
) -> None:
    assert maintain("a1").exit_code == 0
    engines["c1"].run(LOCK, health="", labels={LOCK_LABEL: "abc held by eve@there since then: cdktf deploy"})
    assert maintain("--done").exit_code == 4
    del engines["c1"].containers[LOCK]
    assert maintain("--done").exit_code == 0
    assert (locked(engines), cluster.drained) == ([], set())


def test_machines_that_an_earlier_call_has_done_are_left_out_until_all_are(cluster: Cluster) -> None:
    cluster.refusals["agent"] = "not every other agent serves"
    assert maintain("c1", "a1", *noting()).exit_code == 3
    del cluster.refusals["agent"]
    result = maintain("c1", "a1", *noting())
    assert (result.exit_code, ran()) == (0, "c1 10.0.0.11;a1 10.0.0.21;"), result.output
    assert maintain("c1", *noting()).exit_code == 0
    assert ran().count("c1") == 2


def test_with_reboots_a_lost_connection_is_no_failure_and_the_boot_must_be_another(cluster: Cluster) -> None:
    result = maintain("a1", "--reboots", "--back-seconds", "0", *noting("sys.exit(255)"))
    assert (result.exit_code, "a1 is not back after 0 s: it has not rebooted yet" in result.stderr) == (7, True)
    cluster.boots["a1"] = "boot-2"
    assert maintain("a1", "--reboots", *noting()).exit_code == 0
    assert ran() == "a1 10.0.0.21;"


def test_a_command_that_fails_stops_it_when_the_machine_serves_again(cluster: Cluster, engines: Engines) -> None:
    result = maintain("a1", "a2", "--reboots", *noting("sys.exit(2)"))
    assert (result.exit_code, ran(), cluster.drained) == (6, "a1 10.0.0.21;", set())
    assert "a1: the command ended with exit code 2" in result.stderr
    assert locked(engines) == []


def test_an_agent_under_another_id_is_named_and_its_old_drain_is_not_undone(cluster: Cluster) -> None:
    assert maintain("a1").exit_code == 0
    cluster.ids["a1"] = "S-new"
    result = maintain("--done")
    assert (result.exit_code, cluster.calls) == (0, ["DRAIN_AGENT S-a1"])
    assert "agent S-new is back under another id, it was S-a1" in result.output


def test_only_if_leaves_machines_out_before_anything_is_locked(cluster: Cluster, engines: Engines) -> None:
    asks = f"{sys.executable} -IS -c \"import sys; sys.exit(0 if sys.argv[1] == 'a2' else 1)\" {{host}}"
    assert maintain("--all", "--only-if", asks, *noting()).exit_code == 0
    assert ran() == "a2 10.0.0.22;"
    python = [sys.executable, "-IS", "-c"]
    none = maintain("--all", "--only-if", shlex.join([*python, "raise SystemExit(1)"]), *noting())
    assert (none.exit_code, none.output) == (0, "There is nothing to do.\n")
    broken = maintain("--all", "--only-if", shlex.join([*python, "raise SystemExit(255)"]), *noting())
    assert (broken.exit_code, "the command of --only-if ended with exit code 255" in broken.stderr) == (1, True)


def test_a_deploy_that_is_under_way_excludes_it(cluster: Cluster, engines: Engines) -> None:
    labels = {"cdktf-mesos.of": "1.11.0 abc"}
    engines["c3"].run("prod-preflight-master", health="starting", labels=labels)
    running = maintain("a1", *noting())
    assert (running.exit_code, "prod-preflight-master on c3 runs: a deploy is under way" in running.stderr) == (4, True)
    ended = {"state": "exited", "health": "", "labels": labels, "created": engines["c3"].clock - 30}
    engines["c3"].run("prod-preflight-master", **ended)  # type: ignore[arg-type]
    recent = maintain("a1", *noting())
    assert (recent.exit_code, "was made 30 s ago" in recent.stderr) == (4, True)
    assert (locked(engines), ran()) == ([], "")
    assert maintain("a1", "--quiet-seconds", "20", *noting()).exit_code == 0


def test_somebody_elses_lock_excludes_it(cluster: Cluster, engines: Engines) -> None:
    engines["c1"].run(LOCK, health="", labels={LOCK_LABEL: "abc held by eve@there since then: cdktf deploy"})
    result = maintain("a1", *noting())
    assert (result.exit_code, ran(), locked(engines)) == (4, "", ["c1"])
    assert "c1 is locked, held by eve@there since then: cdktf deploy." in result.stderr


def test_the_only_member_of_a_set_needs_to_be_allowed(cluster: Cluster, project: Path) -> None:
    for name in ("c2", "c3"):
        for path in project.glob(f"cdktf.out/stacks/prod-[13]-*-{name}-members/cdk.tf.json"):
            document = json.loads(path.read_text())
            document["resource"]["docker_container"] = {
                key: block for key, block in document["resource"]["docker_container"].items() if "master" not in key
            }
            path.write_text(json.dumps(document))
    result = maintain("c1", *noting())
    assert (result.exit_code, "c1 has the only member of prod/masters. --outage" in result.stderr) == (3, True)
    assert maintain("c1", "--outage", *noting()).exit_code == 0


def test_a_password_reaches_the_master_but_no_argument(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "credential").write_text('{"principal": "ops", "secret": "planted"}')
    assert maintain("a1", "--credential", str(tmp_path / "credential"), *noting()).exit_code == 0
    assert cluster.authorization == "Basic b3BzOnBsYW50ZWQ="


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--all", "a1", "--", "true"],
        ["a1", "a2"],
        ["--all"],
        ["--done", "--", "true"],
        ["a1", "--reboots"],
        ["a1", "--"],
    ],
)
def test_what_makes_no_sense_is_refused(cluster: Cluster, words: list[str]) -> None:
    assert maintain(*words).exit_code == 2


def test_a_machine_that_is_not_in_the_program_is_named(cluster: Cluster) -> None:
    result = maintain("a9", *noting())
    assert (result.exit_code, result.stderr) == (1, "maintain: a9: no such machine; there are c1, c2, c3, a1, a2\n")


def test_an_output_of_an_older_release_is_refused(cluster: Cluster, project: Path) -> None:
    for path in project.glob("cdktf.out/stacks/*/cdk.tf.json"):
        path.write_text(path.read_text().replace('"place"', '"older"'))
    result = maintain("a1", *noting())
    assert (result.exit_code, "use --synth" in result.stderr, ran()) == (1, True, "")


def test_a_command_can_log_in_as_a_deploy_does_over_a_connection_of_its_own() -> None:
    connection = Connection("ssh://ops@10.0.0.21:23", ("-i", "/key", "-o", "ControlPath=~/shared"))
    host = Host("a1", frozenset(), connection)
    own = ["ssh", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-i", "/key", "-o", "ControlPath=~/shared"]
    words = steps.words_for(["{ssh}", "echo {host}"], Machine("a1", [host], [], []))
    assert words == [*own, "-l", "ops", "-p", "23", "-T", "--", "10.0.0.21", "echo a1"]
    local = Host("l", frozenset(), Connection("unix:///var/run/docker.sock"))
    with pytest.raises(RuntimeError, match="l: {ssh} is of no use, its engine is not reached by ssh"):
        steps.words_for(["{ssh}", "true"], Machine("l", [local], [], []))


@pytest.mark.parametrize(
    ("words", "error"), [(["{ssh}", "true"], "is of no use"), (["no-such-one"], "no such command")]
)
def test_a_command_that_cannot_run_is_refused_before_anything_is_changed(
    cluster: Cluster, engines: Engines, words: list[str], error: str
) -> None:
    result = maintain("a1", "--", *words)
    assert (result.exit_code, error in result.stderr, cluster.calls, locked(engines)) == (1, True, [], [])
