"""Terraform and its providers on this machine: downloaded where that is possible, else built into the cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import requests

from sandbox import cache, golang, lock, paths
from sandbox.progress import Progress

_PREFIX = "registry.terraform.io"
_DOCKER = f"{_PREFIX}/kreuzwerker/docker"
# The address that OpenTofu expands `kreuzwerker/docker` to.
_DOCKER_OF_OPENTOFU = "registry.opentofu.org/kreuzwerker/docker"
_VERSION = "4.6.0"
_PROVIDER = golang.Program(
    package="github.com/terraform-providers/terraform-provider-docker",  # the name in its go.mod
    source="github.com/kreuzwerker/terraform-provider-docker",
    version="v0.0.0-20260916201441-96d331c98ff4",  # two weeks after v4.6.0; the module proxy lacks the tag
    variables=(f"main.version={_VERSION}",),
)
# The newest release that can be built from the module proxy: from 1.6 on, Terraform's backends are unpublished modules.
_TERRAFORM = golang.Program(
    package="github.com/hashicorp/terraform",
    source="github.com/hashicorp/terraform",
    version="v1.5.7",
)
_OPENTOFU = golang.Program(
    package="github.com/opentofu/opentofu/cmd/tofu",
    source="github.com/opentofu/opentofu",
    version="v1.12.6",
    module="github.com/opentofu/opentofu",
    # From its go.mod.
    replaced=(
        "github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828",
    ),
)


def cli_config() -> Path:
    """A CLI configuration for TF_CLI_CONFIG_FILE, with which `terraform init` finds the Docker provider ~> 4.6.

    Where the Terraform registry answers, the file is empty but for a comment. Elsewhere the provider is built, once,
    which takes minutes; the file then names its folder and this machine's mirrors of other providers.

    Raises:
        RuntimeError: Go is missing or too old, or the build failed.
    """
    with lock.held():
        if _registry_answers():
            return _write("# Terraform downloads its providers.\n")
        mirror = _mirror()
        return _write(configuration({mirror: [_DOCKER, _DOCKER_OF_OPENTOFU], **_local_mirrors()}))


def terraform() -> Path:
    """The Terraform program: the one that TERRAFORM_BINARY_NAME names, by default `terraform` on PATH.

    If it is missing, it is built, once, which takes minutes.

    Raises:
        RuntimeError: Go is missing or too old, or the build failed.
    """
    name = os.environ.get("TERRAFORM_BINARY_NAME") or "terraform"
    found = shutil.which(name)
    if found:
        return Path(found)
    if Path(name).name == "tofu":
        return opentofu()

    def build(folder: Path) -> None:
        with Progress(1).step(f"build Terraform {_TERRAFORM.version}"):
            _TERRAFORM.build(folder / "terraform")

    with lock.held():
        return cache.entry("terraform", _TERRAFORM.key, build) / "terraform"


def opentofu() -> Path:
    """The OpenTofu program: `tofu` on PATH. If it is missing, it is built, once, which takes minutes.

    Raises:
        RuntimeError: Go is missing or too old, or the build failed.
    """
    found = shutil.which("tofu")
    if found:
        return Path(found)

    def build(folder: Path) -> None:
        with Progress(1).step(f"build OpenTofu {_OPENTOFU.version}"):
            _OPENTOFU.build(folder / "tofu")

    with lock.held():
        return cache.entry("opentofu", _OPENTOFU.key, build) / "tofu"


def has_ephemeral_variables() -> bool:
    """Whether this machine's Terraform can leave variables out of plans; see `knows_ephemeral_variables`."""
    version = subprocess.run([terraform(), "version"], capture_output=True, text=True, check=True).stdout
    return knows_ephemeral_variables(version)


def knows_ephemeral_variables(version: str) -> bool:
    """Whether a program can leave variables out of plans: Terraform from 1.10, OpenTofu from 1.11 (their changelogs).

    Args:
        version: what the program's command `version` prints.
    """
    found = re.search(r"^(OpenTofu|Terraform) v(\d+)[.](\d+)", version, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"neither OpenTofu nor Terraform: {version}")
    return (int(found[2]), int(found[3])) >= ((1, 11) if found[1] == "OpenTofu" else (1, 10))


def configuration(mirrors: Mapping[Path, Iterable[str]]) -> str:
    """A CLI configuration that takes providers only from local folders.

    Args:
        mirrors: folders, and for each the full addresses of its providers.
    """
    lines = []
    for path, include in mirrors.items():
        lines.append("  filesystem_mirror {")
        lines.append(f"    path    = {json.dumps(str(path))}")
        lines.append(f"    include = {json.dumps(sorted(include))}")
        lines.append("  }")
    return "\n".join(["provider_installation {", *lines, "}", ""])


def _mirror() -> Path:
    platform = golang.platform()

    def build(folder: Path) -> None:
        program = folder / _DOCKER / _VERSION / platform / f"terraform-provider-docker_v{_VERSION}"
        program.parent.mkdir(parents=True)
        with Progress(1).step(f"build the Docker provider {_VERSION}"):
            _PROVIDER.build(program)

    mirror = cache.entry("providers", cache.digest(_PROVIDER.key, platform), build)
    # Terraform and OpenTofu follow a symbolic link only at the level of the platform's folder.
    link = mirror / _DOCKER_OF_OPENTOFU / _VERSION / platform
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path("../../../..") / _DOCKER / _VERSION / platform)
    return mirror


def _local_mirrors() -> dict[Path, list[str]]:
    """The providers in Terraform's usual mirror folders, and in folders below /opt that look like a mirror."""
    folders = [
        Path.home() / ".terraform.d/plugins",
        Path.home() / ".local/share/terraform/plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
        *(path.parent for path in Path("/opt").glob(f"*/{_PREFIX}")),
    ]
    found = {
        folder: [f"{_PREFIX}/{path.parent.name}/{path.name}" for path in (folder / _PREFIX).glob("*/*")]
        for folder in folders
    }
    mirrors = {folder: [name for name in names if name != _DOCKER] for folder, names in found.items()}
    return {folder: names for folder, names in mirrors.items() if names}


def _registry_answers() -> bool:
    try:
        return requests.get(f"https://{_PREFIX}/.well-known/terraform.json", timeout=3).ok
    except requests.RequestException:
        return False


def _write(content: str) -> Path:
    path = paths.cache() / f"terraform-{cache.digest(content)}.rc"
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.write_text(content)
        unfinished.rename(path)
    return path
