"""The writer: every write has a latency, failed tries count, and lost writes are found even after their deletion."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kazoo.exceptions import ConnectionLoss, NodeExistsError, NoNodeError  # type: ignore[import-untyped]

from sandbox import watch
from sandbox.watch import Writer


class Client:
    """A fake ZooKeeper client: each create has a given result."""

    def __init__(self, answers: list[Exception | None]) -> None:
        self.answers = answers
        self.znodes: list[str] = []

    def start(self, timeout: float) -> None: ...

    def ensure_path(self, path: str) -> None: ...

    def create(self, path: str, value: bytes) -> None:
        time.sleep(0.02)
        answer = self.answers.pop(0)
        if answer:
            raise answer
        self.znodes.append(path)

    def retry(self, call: Callable[..., Any], *arguments: str) -> Any:
        return call(*arguments)

    def get_children_async(self, path: str) -> Any:
        children = [znode.removeprefix(f"{path}/") for znode in self.znodes]
        return SimpleNamespace(get=lambda timeout: children)

    def delete(self, path: str) -> None:
        if path not in self.znodes:
            raise NoNodeError
        self.znodes.remove(path)

    def stop(self) -> None: ...

    def close(self) -> None: ...


def writer(monkeypatch: pytest.MonkeyPatch, *answers: Exception | None, client: Client | None = None) -> Writer:
    client = client or Client(list(answers))
    monkeypatch.setattr(watch, "KazooClient", lambda *_, **__: client)
    made = Writer("127.0.0.1:2181", "/w")
    for _ in answers:
        made.step()
    return made


def test_every_acknowledged_write_has_a_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    made = writer(monkeypatch, None, None)
    assert [name for _, name in made.acknowledged] == ["00000000", "00000001"]
    first, second = made.latencies
    assert first >= 0.02 and second >= 0.02
    assert made.longest_stall() >= second


def test_a_stall_lasts_until_the_end_if_no_write_is_acknowledged_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    made = writer(monkeypatch, None, None, ConnectionLoss(), ConnectionLoss(), ConnectionLoss())
    made.end()
    stalled = made.longest_stall()
    assert stalled >= 0.06
    time.sleep(0.02)
    assert made.longest_stall() == stalled


def test_the_latency_of_a_write_includes_all_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    made = writer(monkeypatch, ConnectionLoss(), NodeExistsError())
    assert len(made.acknowledged) == 1
    assert made.latencies[0] >= 0.04


def test_checked_writes_are_deleted_and_lost_ones_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client([None] * 5)
    made = writer(monkeypatch, None, None, None, client=client)
    # The second is lost.
    client.znodes.remove("/w/00000001")
    made.forget()
    assert client.znodes == []
    made.step()
    made.step()
    assert client.znodes == ["/w/00000003", "/w/00000004"]
    client.znodes.remove("/w/00000004")
    assert made.lost() == {"00000001", "00000004"}
