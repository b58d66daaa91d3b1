"""Clusters of the tests at a stage of `security`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from requests.utils import get_netrc_auth

from sandbox import closed


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(closed.STAGE, "required")
    monkeypatch.setenv(closed.LOGIN, "")
    closed._secrets.cache_clear()
    yield
    closed._secrets.cache_clear()


def test_without_the_variable_clusters_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(closed.STAGE, raising=False)
    assert closed.security(tmp_path) == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("stage")
def test_closed_clusters_share_secrets_and_requests_log_in(tmp_path: Path) -> None:
    settings = [closed.security(tmp_path / name) for name in ("a", "b")]
    assert settings == [{"security": {"stage": "required", "secrets": "secrets"}}] * 2
    secrets = {(tmp_path / name / "secrets/operator").read_text() for name in ("a", "b")}
    assert len(secrets) == 1
    assert get_netrc_auth("http://10.0.0.11:5050/state") == ("operator", secrets.pop())
