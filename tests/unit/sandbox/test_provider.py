from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox import golang, provider


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_the_configuration_names_each_mirror_and_its_providers() -> None:
    mirrors = {
        Path("/cache/providers"): ["registry.terraform.io/kreuzwerker/docker"],
        Path("/opt/plugins"): ["registry.terraform.io/hashicorp/random", "registry.terraform.io/hashicorp/aws"],
    }
    assert provider.text(mirrors) == (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        '    path    = "/cache/providers"\n'
        '    include = ["registry.terraform.io/kreuzwerker/docker"]\n'
        "  }\n"
        "  filesystem_mirror {\n"
        '    path    = "/opt/plugins"\n'
        '    include = ["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/random"]\n'
        "  }\n"
        "}\n"
    )


def test_where_terraform_can_download_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "_registry_answers", lambda: True)
    monkeypatch.setattr(provider, "_mirror", lambda: pytest.fail("built"))
    assert "provider_installation" not in provider.cli_config().read_text()


def test_without_go_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "_registry_answers", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError, match=r"needs Go 1\.25\.8 or newer.*none on PATH"):
        provider.cli_config()


@pytest.mark.parametrize("found", ["go1.25.7", "go1.22", "devel"])
def test_an_old_go_is_refused(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/go")
    monkeypatch.setattr(golang, "run", lambda *_: found + "\n")
    with pytest.raises(RuntimeError, match=f"needs Go 1.25.8 or newer.*PATH has {found}"):
        golang.platform()


def test_a_program_is_built_again_when_its_version_changes() -> None:
    program = golang.Program("example.com/a", "example.com/a", "v1.0.0")
    assert program.key != golang.Program("example.com/a", "example.com/a", "v1.0.1").key
