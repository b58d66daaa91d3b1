"""The writer's latencies: no write without one, and a failed try counts."""

from __future__ import annotations

import time

import pytest
from kazoo.exceptions import ConnectionLoss, NodeExistsError  # type: ignore[import-untyped]

from sandbox import watch
from sandbox.watch import Writer


class Client:
    """A client whose answers are given beforehand."""

    def __init__(self, answers: list[Exception | None]) -> None:
        self.answers = answers

    def start(self, timeout: float) -> None: ...

    def ensure_path(self, path: str) -> None: ...

    def create(self, path: str, value: bytes) -> None:
        time.sleep(0.02)
        answer = self.answers.pop(0)
        if answer:
            raise answer


def writer(monkeypatch: pytest.MonkeyPatch, *answers: Exception | None) -> Writer:
    monkeypatch.setattr(watch, "KazooClient", lambda *_, **__: Client(list(answers)))
    made = Writer("127.0.0.1:2181", "/w")
    for _ in answers:
        made.step()
    return made


def test_every_acknowledged_write_has_a_latency_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made = writer(monkeypatch, None, None)
    assert [name for _, name in made.acknowledged] == ["00000000", "00000001"]
    first, second = made.latencies
    assert first >= 0.02 and second >= 0.02
    assert made.longest_stall() >= second


def test_a_write_that_had_to_be_tried_again_took_as_long_as_all_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    made = writer(monkeypatch, ConnectionLoss(), NodeExistsError())
    assert len(made.acknowledged) == 1
    assert made.latencies[0] >= 0.04
