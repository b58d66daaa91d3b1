from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cdktf_mesos.throwaway import ports


def all_free(_: int) -> bool:
    return True


def take(home: Path, name: str, count: int = 2, free: Callable[[int], bool] = all_free, **more: set[int]) -> list[int]:
    return list(ports.take(home, name, count, taken=more.get("taken", set()), is_free=free))


def test_clusters_side_by_side_share_no_block(tmp_path: Path) -> None:
    assert take(tmp_path, "one") == [20000, 20100]
    assert take(tmp_path, "two", 3) == [20200, 20300, 20400]
    assert take(tmp_path, "one") == [20000, 20100]
    assert json.loads((tmp_path / "ports.json").read_text()) == {"one": [20000, 20100], "two": [20200, 20300, 20400]}


def test_what_a_cluster_gives_back_the_next_one_gets(tmp_path: Path) -> None:
    take(tmp_path, "one")
    ports.give_back(tmp_path, "one")
    ports.give_back(tmp_path, "never-had-any")
    assert take(tmp_path, "two") == [20000, 20100]


def test_blocks_of_others_on_the_engine_are_left_alone(tmp_path: Path) -> None:
    assert take(tmp_path, "one", taken={20000, 20200}) == [20100, 20300]


def test_a_block_in_which_a_program_listens_is_left_alone(tmp_path: Path) -> None:
    assert take(tmp_path, "one", free=lambda port: port not in (20007, 20199)) == [20200, 20300]


def test_without_enough_free_blocks_the_error_says_how_many_there_are(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="only 1 free blocks of 100, and 2 are needed; clusters have 0"):
        take(tmp_path, "one", free=lambda port: port < 20100)
    assert not (tmp_path / "ports.json").exists()


def test_no_port_is_one_that_linux_gives_to_outgoing_connections(tmp_path: Path) -> None:
    assert max(take(tmp_path, "many", (ports.LAST - ports.FIRST) // ports.BLOCK)) + ports.BLOCK <= 32768


def test_clusters_that_start_at_the_same_time_get_different_blocks(tmp_path: Path) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda n=n: found.extend(take(tmp_path, f"c{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found)) == 16


def test_a_port_is_free_until_a_program_listens_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.nobody_listens("127.0.0.1")(port)
    assert ports.nobody_listens("127.0.0.1")(port)
