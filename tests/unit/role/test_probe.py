"""Which member may be replaced, and which is healthy while a set changes its size. The real scripts run here."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cdktf_mesos.marathon import health as marathon
from cdktf_mesos.mesos import health as master
from cdktf_mesos.mesos.agent import health as agent
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.scripts import words
from cdktf_mesos.zookeeper import health as zookeeper
from tests.unit.answers import (
    ALONE,
    HERE,
    NOT_SERVING,
    SERVING,
    answering,
    healthy,
    metrics,
    seconds_per_question,
)

FIVE = [HERE, *(f"127.0.0.{number}" for number in range(2, 6))]
THREE = FIVE[:3]


def asking(probe: Probe, me: str, members: list[str], release: str | None) -> list[str]:
    """The command that checks once whether the member at an address may be replaced."""
    files, arguments = probe.may_be_replaced(me, members, release)
    return words("asking", *files, 'find_limit && may_be_replaced "$@"', arguments=arguments)


def refusal(probe: Probe, members: list[str], me: str = HERE, release: str | None = None) -> str | None:
    """Why the member at an address may not be replaced; None if it may."""
    command = asking(probe, me, members, release)
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode == 0) is (done.stdout == ""), done
    return done.stdout.strip() or None


@pytest.fixture
def port() -> int:
    with answering("") as free:
        return free


# GNU's timeout ends all processes of the command, busybox's only the command itself; an older busybox needs -t.
BUSYBOX = 's=$1; shift; "$@" & p=$!; { sleep $s; kill $p; } > /dev/null 2>&1 & k=$!; wait $p; c=$?; kill $k; exit $c'
TIMEOUTS = {
    "own": 'exec /usr/bin/timeout "$@"',
    "busybox": BUSYBOX,
    "old busybox": f'[ "$1" = -t ] || exit 1; shift; {BUSYBOX}',
}


@pytest.fixture(params=TIMEOUTS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A search path for programs, with each kind of timeout."""
    timeout = tmp_path / "timeout"
    timeout.write_text(f"#!/bin/sh\n{TIMEOUTS[request.param]}\n")
    timeout.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


@contextmanager
def ensemble(port: int, *servers: tuple[str, Sequence[str] | None]) -> Iterator[Probe]:
    """Servers that listen, each with its list of members, or None if it does not serve."""
    with ExitStack() as stack:
        for address, known in servers:
            lines = "".join(f"server.{i}={a}:2888:3888:participant;{a}:2181\n" for i, a in enumerate(known or (), 1))
            answers = {"srvr": SERVING, "conf": f"serverId=2\nmembership: \n{lines}version=0"}
            stack.enter_context(answering(answers if known else NOT_SERVING, address, port))
        yield zookeeper.probe(port)


def test_a_member_of_a_quorum_may_be_replaced_while_all_others_serve_or_the_set_is_being_formed(port: int) -> None:
    with ensemble(port, (HERE, THREE), (THREE[1], THREE)) as probe:
        assert refusal(probe, THREE) == "127.0.0.3 does not serve"
    with ensemble(port, *((each, THREE) for each in THREE)) as probe:
        assert refusal(probe, THREE) is None
    with ensemble(port, (HERE, None)) as probe:
        assert refusal(probe, THREE) is None
        assert refusal(probe, [HERE]) is None


def test_a_member_that_does_not_run_may_always_be_started(port: int) -> None:
    with ensemble(port, (THREE[1], THREE)) as probe:
        assert refusal(probe, THREE) is None


def test_an_agent_may_be_replaced_while_those_before_it_serve_and_those_after_it_serve_or_do_not_run() -> None:
    registered, lost = (metrics(slave__registered=gauge) for gauge in ("1.0", "0.0"))
    with answering(registered, "127.0.0.2") as port, answering(lost, HERE, port):
        probe = agent.probe(port)
        assert refusal(probe, ["127.0.0.2", HERE, "127.0.0.3"]) is None
        assert refusal(probe, ["127.0.0.3", HERE, "127.0.0.2"]) == "127.0.0.3 does not serve"
        with answering(lost, "127.0.0.3", port):
            assert refusal(probe, ["127.0.0.2", HERE, "127.0.0.3"]) == "127.0.0.3 does not serve"


def test_an_ensemble_grows_in_the_order_of_its_list(port: int) -> None:
    old = [(each, THREE) for each in THREE]
    with ensemble(port, *old) as probe:
        assert refusal(probe, FIVE) is None
        # New servers start after all others have the new list, whichever of the new ones run already.
        assert refusal(probe, FIVE, FIVE[3]) is None
    with ensemble(port, (HERE, None), *old[1:]) as probe:
        # The first server waits for the second, and counts as healthy.
        assert healthy(probe.health_test(HERE, FIVE))
        assert refusal(probe, FIVE, FIVE[1]) is None
    with ensemble(port, *old[1:]) as probe:
        assert refusal(probe, FIVE, FIVE[1]) == "127.0.0.1 does not serve"
    with ensemble(port, (HERE, FIVE), (FIVE[1], FIVE), old[2]) as probe:
        assert refusal(probe, FIVE, FIVE[2]) is None


def test_a_server_that_does_not_serve_is_unhealthy_in_a_set_that_does_not_grow(port: int) -> None:
    with ensemble(port, (HERE, None), (THREE[1], THREE)) as probe:
        assert not healthy(probe.health_test(HERE, THREE))
    with ensemble(port, (HERE, None), *((each, THREE) for each in THREE[1:])) as probe:
        assert refusal(probe, THREE, THREE[1]) == "127.0.0.1 does not serve"


def test_a_single_server_becomes_the_first_of_three_and_no_other(port: int) -> None:
    standalone = {"srvr": ALONE, "conf": "clientPort=2181\nserverId=0\n"}
    with answering(standalone, HERE, port):
        probe = zookeeper.probe(port)
        assert refusal(probe, THREE) is None
        assert refusal(probe, THREE, THREE[1]) is None
        moved = [THREE[1], HERE, THREE[2]]
        assert refusal(probe, moved, HERE) == (
            "server.1 is 127.0.0.1 in the set that runs: keep the order of the members in the list"
        )


def test_servers_that_serve_alone_in_a_set_of_several_are_not_rolled(port: int) -> None:
    with ExitStack() as stack:
        for each in THREE:
            stack.enter_context(answering({"srvr": ALONE}, each, port))
        refused = refusal(zookeeper.probe(port), THREE)
    assert refused == "127.0.0.2 serves alone, although its set has 3 members"


def test_a_set_shrinks_only_after_those_that_leave_have_ended(port: int) -> None:
    with ensemble(port, *((each, FIVE) for each in FIVE)) as probe:
        assert refusal(probe, THREE) == "server.4, 127.0.0.4, still runs: it must leave before the set shrinks"
        assert refusal(probe, THREE, FIVE[4]) is None
    with ensemble(port, *((each, FIVE) for each in THREE)) as probe:
        assert refusal(probe, THREE) is None
        assert refusal(probe, THREE, FIVE[3]) is None
    with ensemble(port, *((each, FIVE) for each in FIVE[1:])) as probe:
        assert refusal(probe, THREE, FIVE[4]) == "127.0.0.1 does not serve"


def test_a_set_changes_its_size_by_two_at_a_time(port: int) -> None:
    seven = [*FIVE, "127.0.0.6", "127.0.0.7"]
    refused = "the set has {} members, the program {}: add members two at a time, with a deploy for each two"
    with ensemble(port, *((each, THREE) for each in THREE)) as probe:
        assert refusal(probe, seven) == refused.format(3, 7)
        # A new server is refused, too. Members may have lists of different sizes after an interrupted change.
        assert refusal(probe, seven, seven[6]) == refused.format(3, 7)
    with ensemble(port, (HERE, FIVE), (FIVE[1], FIVE), (FIVE[2], THREE)) as probe:
        assert refusal(probe, seven) == refused.format(3, 7)
        assert refusal(probe, FIVE, FIVE[2]) is None
    with ensemble(port, *((each, FIVE) for each in FIVE)) as probe:
        assert refusal(probe, seven) is None
    with answering({"srvr": ALONE, "conf": "serverId=0\n"}, HERE, port):
        assert refusal(zookeeper.probe(port), FIVE) == refused.format(1, 5)
    with ensemble(port, *((each, seven) for each in seven)) as probe:
        refused = "the set has 7 members, the program 3: remove members two at a time, with a deploy for each two"
        assert refusal(probe, THREE, seven[6]) == refused
        assert refusal(probe, FIVE, seven[6]) is None


def test_a_server_takes_the_place_of_one_that_has_ended_for_good(port: int) -> None:
    moved = [HERE, "127.0.0.4", THREE[2]]
    others = [(HERE, THREE), (THREE[2], THREE)]
    with ensemble(port, *others) as probe:
        # The new server starts first: until then, the set needs each of the others.
        assert refusal(probe, moved) == "127.0.0.4 does not serve"
        assert refusal(probe, moved, moved[1]) is None
        # The size of the set must change before or after that.
        assert refusal(probe, [*moved, "127.0.0.5", "127.0.0.6"], moved[1]) == (
            "server.2 was 127.0.0.2: change the size of the set first, then the address"
        )
    with ensemble(port, *others, (moved[1], moved)) as probe:
        assert refusal(probe, moved) is None
    with ensemble(port, (HERE, moved), (moved[1], moved), others[1]) as probe:
        assert refusal(probe, moved, moved[2]) is None
    with ensemble(port, *others, (THREE[1], None)) as probe:
        for each in moved:
            assert refusal(probe, moved, each) == (
                "server.2, 127.0.0.2, still runs: it must have ended for good before another one takes its place"
            )


def test_a_server_takes_no_place_while_less_than_a_majority_serves(port: int) -> None:
    five = [*FIVE[:4], "127.0.0.6"]
    with ensemble(port, (HERE, FIVE), (FIVE[1], FIVE), (FIVE[2], None)) as probe:
        assert refusal(probe, five, five[4]) == (
            "2 of 5 serve: an empty server may take a place only while a majority serves"
        )


def test_a_server_that_has_ended_does_not_take_another_place(port: int) -> None:
    with ensemble(port, (HERE, THREE), (THREE[2], THREE)) as probe:
        assert refusal(probe, [HERE, "127.0.0.4", THREE[2], THREE[1], "127.0.0.5"], "127.0.0.4") == (
            "server.2 is 127.0.0.2 in the set that runs: keep the order of the members in the list"
        )


def test_the_size_and_the_version_change_one_after_the_other(port: int) -> None:
    with ensemble(port, *((each, THREE) for each in THREE)) as probe:
        assert refusal(probe, FIVE, release="3.9.4") is None
        assert refusal(probe, THREE, release="3.9.5") is None
        assert refusal(probe, FIVE, release="3.9.5") == (
            "3.9.4 runs, not 3.9.5: change the size of the set first, then the version"
        )


def test_masters_grow_when_all_that_run_serve_with_the_new_quorum_or_the_old_one(port: int) -> None:
    def answers(quorum: int, recovered: int = 1) -> dict[str, str]:
        gauges = metrics(master__elected=f"{quorum - 2}.0", registrar__log__recovered=f"{recovered}.0")
        return {"/metrics": gauges, "/flags": f'HTTP/1.1 200 OK\r\n\r\n{{"flags":{{"quorum":"{quorum}"}}}}'}

    probe = master.probe(port)
    seven = [*FIVE, "127.0.0.6", "127.0.0.7"]
    with answering(answers(3), HERE, port), answering(answers(2), THREE[1], port):
        assert refusal(probe, seven) == (
            "the set has 3 members, the program 7: add members two at a time, with a deploy for each two"
        )
        with answering(answers(2), THREE[2], port):
            assert refusal(probe, FIVE, THREE[1]) is None
        assert refusal(probe, FIVE, THREE[1]) == "127.0.0.3 does not serve"
        with answering(answers(2, recovered=0), THREE[2], port):
            assert refusal(probe, FIVE, THREE[1]) == "127.0.0.3 does not serve"


def test_the_next_master_is_replaced_when_there_is_a_leader_again(port: int) -> None:
    def answers(elected: int) -> str:
        return metrics(master__elected=f"{elected}.0", registrar__log__recovered="1.0")

    probe = master.probe(port)
    with answering(answers(0), HERE, port), answering(answers(0), THREE[1], port):
        with answering(answers(0), THREE[2], port):
            assert refusal(probe, THREE) == "no member is the leader"
            # The leader may be another member that leaves, too.
            assert refusal(probe, THREE[1:], HERE) is None
        with answering(answers(1), THREE[2], port):
            assert refusal(probe, THREE) is None
            assert refusal(probe, THREE, THREE[2]) is None
        # A single master that does not lead may be replaced, to repair it.
        assert refusal(probe, [HERE]) is None


PROBES: dict[str, Callable[[int], Probe]] = {
    "zookeeper": zookeeper.probe,
    "master": lambda port: master.probe(port),
    "agent": lambda port: agent.probe(port),
    "marathon": lambda port: marathon.probe(port),
}


def refusal_soon(probe: Probe, path: str) -> str | None:
    """Why the second of two may not be replaced; the time limit of a question is one second instead of three."""
    bash, option, script, *rest = asking(probe, "127.0.0.2", [HERE, "127.0.0.2"], "3.9.4")
    command = [bash, option, seconds_per_question(script, 1), *rest]
    began = time.monotonic()
    done = subprocess.run(command, env={"PATH": path}, stdout=-1, timeout=60, check=False)
    assert time.monotonic() - began < 10
    return done.stdout.decode().strip() or None


@pytest.mark.parametrize("role", PROBES)
def test_a_member_that_accepts_connections_and_never_answers_does_not_serve(role: str) -> None:
    with answering(None) as port, answering(SERVING, "127.0.0.2", port):
        assert refusal_soon(PROBES[role](port), os.environ["PATH"]) == "127.0.0.1 does not serve"


def test_a_member_that_never_answers_does_not_serve_with_any_kind_of_timeout(path: str) -> None:
    with answering(None) as port, answering(SERVING, "127.0.0.2", port):
        assert refusal_soon(zookeeper.probe(port), path) == "127.0.0.1 does not serve"


def test_servers_that_do_not_tell_their_list_do_not_block_the_check(path: str) -> None:
    answers = {"srvr": SERVING, "conf": None}
    with answering(answers) as port, answering(answers, "127.0.0.2", port):
        assert refusal_soon(zookeeper.probe(port), path) is None


def test_masters_that_do_not_tell_their_quorum_do_not_block_the_check(path: str) -> None:
    gauges = metrics(master__elected="1.0", registrar__log__recovered="1.0")
    with answering({"/metrics": gauges, "/flags": None}) as port, answering({"/metrics": gauges}, "127.0.0.2", port):
        assert refusal_soon(master.probe(port), path) is None


def test_a_role_of_ones_own_is_asked_over_http() -> None:
    with answering({"GET /ready HTTP/1.0": "HTTP/1.1 200 OK\r\n\r\n", "GET": "HTTP/1.1 404 Not Found\r\n\r\n"}) as port:
        assert healthy(Probe.http(port, "/ready").health_test(HERE, THREE))
        assert not healthy(Probe.http(port, "/other").health_test(HERE, THREE))
        assert refusal(Probe.http(port, "/other"), THREE, "127.0.0.2") is None
        with answering("", "127.0.0.2", port):
            assert refusal(Probe.http(port, "/ready"), THREE, "127.0.0.2") is None
            assert refusal(Probe.http(port, "/other"), THREE, "127.0.0.2") == "127.0.0.1 does not serve"
