"""The containers that watch apps on Marathon, in the status."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdktf_mesos.operations.connections import Connection, Host
from cdktf_mesos.operations.status.problems import host_problems
from cdktf_mesos.operations.status.seen import look
from tests.unit.operations.engines import Engine, serving

WATCH = "prod-marathon-app.shop"
LABELS = {"cdktf-mesos.app": "c0ffee"}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[Host, Engine]]:
    engine = Engine()
    with serving(engine, tmp_path / "engine.sock"):
        yield Host("c1", frozenset(), Connection(f"unix://{tmp_path}/engine.sock")), engine


def problems(host: Host) -> list[str]:
    return list(host_problems("c1", look(host, [], 10), [], {WATCH}))


def test_an_app_that_was_changed_by_hand_is_named_with_the_difference(host: tuple[Host, Engine]) -> None:
    output = "/shop: changed, but not by a deploy of the program:\ninstances: wanted 2, found 5\n"
    host[1].run(WATCH, state="exited", health="", labels=LABELS, output=output)
    assert problems(host[0]) == [
        f"{WATCH} on c1: the app was changed, but not by a deploy: instances: wanted 2, found 5"
    ]


@pytest.mark.parametrize(("state", "code"), [("exited", 143), ("restarting", 1)])
def test_a_watch_that_was_ended_says_nothing_about_the_app(host: tuple[Host, Engine], state: str, code: int) -> None:
    output = "/shop: as the program wants it\n"
    host[1].run(WATCH, state=state, health="", labels=LABELS, output=output, exit_code=code)
    assert problems(host[0]) == [f"{WATCH} on c1 is {state}, so nobody notices if the app is changed by hand"]


def test_a_watch_that_runs_is_no_problem(host: tuple[Host, Engine]) -> None:
    host[1].run(WATCH, health="", labels=LABELS)
    assert problems(host[0]) == []
