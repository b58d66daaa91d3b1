from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import packages


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "policy-rc.d"
    monkeypatch.setattr(packages, "_POLICY", path)
    monkeypatch.setattr(packages, "_installed", lambda _: False)
    return path


def refusing_once(policy: Path, calls: list[str]) -> Callable[..., None]:
    def apt(*words: str, cwd: Path | None = None) -> None:
        calls.append(words[0])
        assert subprocess.run([policy]).returncode == 101
        if calls == ["install"]:
            raise RuntimeError("404")

    return apt


def test_lists_are_updated_only_when_an_installation_fails(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(packages, "_apt", refusing_once(policy, calls))
    packages.ensure("docker.io")
    packages.ensure("pigz")
    assert calls == ["install", "update", "install", "install"]


def test_services_are_kept_from_starting_during_an_installation_only(
    policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_apt", refusing_once(policy, []))
    packages.ensure("docker.io")
    assert not policy.exists()


def test_an_existing_policy_file_is_kept(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy.write_text("#!/bin/sh\nexit 101 # somebody's own\n")
    policy.chmod(0o755)
    monkeypatch.setattr(packages, "_apt", refusing_once(policy, []))
    packages.ensure("docker.io")
    assert "somebody's own" in policy.read_text()


def test_nothing_is_installed_twice(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_installed", lambda _: True)
    monkeypatch.setattr(packages, "_apt", lambda *_, **__: pytest.fail("apt-get was called"))
    packages.ensure("docker.io")


@pytest.mark.parametrize(
    ("release", "package"), [("12.11\n", "docker.io"), ("13.1\n", "docker-cli"), ("forky/sid\n", "docker-cli")]
)
def test_the_docker_command_is_in_a_package_of_its_own_from_debian_13_on(
    release: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "debian_version").write_text(release)
    monkeypatch.setattr(packages, "_RELEASE", tmp_path / "debian_version")
    assert packages.of_docker_command() == package
