from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import __main__ as command
from sandbox import network, registry
from sandbox.hosts import Host


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CDKTF_MESOS_SANDBOX", "/nonexistent")
    return tmp_path / "cache/cdktf-mesos"


@pytest.mark.parametrize("fault", command._FAULTS)
def test_every_fault_is_a_method_of_a_host(fault: str) -> None:
    assert callable(getattr(Host, fault.replace("-", "_")))


def test_a_fault_on_an_unknown_host_names_the_existing_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fault", "hs9", "disk-full"]) == 1
    assert capsys.readouterr().err == "sandbox fault: there is no host hs9: the sandbox has no hosts\n"


@pytest.mark.parametrize("do", ["stop", "start"])
def test_the_registry_commands_need_a_sandbox(
    do: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(network, "exists", lambda _: False)
    assert command.main(["registry", do]) == 1
    assert capsys.readouterr().err == "sandbox registry: there is no sandbox: run `up` first\n"


def test_clean_is_refused_while_the_registry_keeps_its_images_in_the_cache(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_folders / "registry").mkdir(parents=True)
    monkeypatch.setattr(registry, "pids", lambda: [7])
    assert command.main(["clean"]) == 1
    assert "run `down` first" in capsys.readouterr().err
    assert (own_folders / "registry").is_dir()


def test_clean_empties_the_cache(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_folders / "registry").mkdir(parents=True)
    monkeypatch.setattr(registry, "pids", list)
    assert command.main(["clean"]) == 0
    assert list(own_folders.iterdir()) == []
