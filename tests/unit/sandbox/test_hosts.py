from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import paths, process
from sandbox.hosts import Host


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDKTF_MESOS_SANDBOX", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize(("name", "address"), [("hs0", "10.213.7.10"), ("hs1", "10.213.7.11"), ("hs64", "10.213.7.74")])
def test_a_host_has_the_address_of_its_number(name: str, address: str) -> None:
    assert Host(name).address == address


@pytest.mark.parametrize("name", ["hs", "hs01", "hs65", "hs-1", "db1", "hs1/../..", ""])
def test_a_name_that_is_not_a_hosts_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="is not a host of the sandbox: use hs1 to hs64"):
        paths.address(name)


def test_a_hosts_engine_has_a_local_and_an_ssh_endpoint() -> None:
    host = Host("hs2")
    assert host.engine == "unix:///var/lib/cdktf-mesos-sandbox/hosts/hs2/srv/docker.sock"
    assert host.ssh_engine == "ssh://ops@10.213.7.12"


def test_ssh_options_limit_every_wait_and_have_one_word_an_item() -> None:
    options = Host("hs1").ssh_opts
    assert not any(" " in word for word in options)
    assert {"BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=5", "StrictHostKeyChecking=yes"} <= set(options)


def test_a_state_folder_with_a_path_too_long_for_sockets_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_MESOS_SANDBOX", "/srv/" + "x" * 60)
    with pytest.raises(ValueError, match="at most 46 characters"):
        paths.state()


def test_the_error_of_a_wait_says_what_was_waited_for() -> None:
    with pytest.raises(TimeoutError, match=r"hs1: no engine: see /log \(waited 0\.1 s\)"):
        process.wait_until(lambda: False, lambda: "hs1: no engine: see /log", 0.1)


def test_the_error_of_a_failed_command_has_its_output() -> None:
    with pytest.raises(RuntimeError, match="exit code 3: sh -c echo broken; exit 3\nbroken"):
        process.run("sh", "-c", "echo broken; exit 3")


def test_a_command_is_killed_after_its_timeout() -> None:
    with pytest.raises(RuntimeError, match=r"not finished after 0\.1 s: sleep 60"):
        process.run("sleep", "60", timeout=0.1)
