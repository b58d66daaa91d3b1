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
    assert provider.configuration(mirrors) == (
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


def test_the_provider_is_not_built_where_terraform_can_download_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "_registry_answers", lambda: True)
    monkeypatch.setattr(provider, "_mirror", lambda: pytest.fail("built"))
    assert "provider_installation" not in provider.cli_config().read_text()


def test_the_error_without_go_says_that_go_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "_registry_answers", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError, match=r"needs Go 1\.25\.8 or newer.*no go on PATH"):
        provider.cli_config()


@pytest.mark.parametrize("found", ["go1.25.7", "go1.22", "devel"])
def test_an_old_go_is_refused(found: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/go")
    monkeypatch.setattr(golang, "run", lambda *_: found + "\n")
    with pytest.raises(RuntimeError, match=f"needs Go 1.25.8 or newer.*PATH has {found}"):
        golang.Program("example.com/a", "example.com/a", "v1.0.0").build(tmp_path / "a")


def test_a_machine_with_the_provider_in_its_cache_needs_no_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "_registry_answers", lambda: False)
    monkeypatch.setattr(golang.Program, "build", lambda _, target: target.write_text(""))
    first = provider.cli_config()
    monkeypatch.setattr(golang.Program, "build", lambda *_: pytest.fail("built again"))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert provider.cli_config() == first


def test_a_program_is_built_again_when_its_version_changes() -> None:
    program = golang.Program("example.com/a", "example.com/a", "v1.0.0")
    assert program.key != golang.Program("example.com/a", "example.com/a", "v1.0.1").key


@pytest.mark.parametrize(
    ("version", "knows"),
    [
        ("Terraform v1.9.8\non linux_amd64", False),
        ("Terraform v1.10.0\non linux_amd64", True),
        ("OpenTofu v1.10.6\non linux_amd64", False),
        ("OpenTofu v1.12.6\non linux_amd64", True),
    ],
)
def test_terraform_and_opentofu_know_ephemeral_variables_from_different_releases_on(version: str, knows: bool) -> None:
    assert provider.knows_ephemeral_variables(version) is knows


def test_the_program_that_terraform_binary_name_names_is_used_or_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "tofu")
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(provider, "opentofu", lambda: Path("/built/tofu"))
    assert provider.terraform() == Path("/built/tofu")
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert provider.terraform() == Path("/bin/tofu")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "")
    assert provider.terraform() == Path("/bin/terraform")


def test_a_package_in_a_subfolder_is_built_with_its_modules_replacements() -> None:
    program = golang.Program("a.test/m/cmd/p", "a.test/m", "v1.0.0", module="a.test/m", replaced=("b v1 => c v2",))
    assert program._module().splitlines()[2:] == [
        "tool a.test/m/cmd/p",
        "require a.test/m v1.0.0",
        "replace b v1 => c v2",
    ]
