"""Applies a throwaway cluster with Terraform or OpenTofu. All clusters share one initialised directory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.process import Processes
from cdktf_mesos.throwaway import store
from cdktf_mesos.throwaway.held import held

_LOCK_FILE = ".terraform.lock.hcl"

# The names of Terraform's input and of its data directory, as Terraform has them by default.
_INPUT, _DATA = "main.tf.json", ".terraform"

# `init` downloads the provider, 20 MB.
_INIT_SECONDS = 300


def apply(directory: Path, document: Mapping[str, Any], seconds: float, lock: int) -> None:
    """Create or change what the document describes. The state is in the directory.

    Args:
        directory: the cluster's directory.
        document: the cluster's Terraform.
        seconds: how long Terraform may take.
        lock: the open file that says that somebody works on the cluster. Terraform inherits it: it goes on if this
            process is killed.

    Raises:
        RuntimeError: there is neither Terraform nor OpenTofu, or it fails.
        TimeoutError: it takes too long. It is killed then, and may have made a part.
    """
    program = _program()
    shared = _shared(program, document["terraform"]["required_providers"])
    (directory / _INPUT).write_text(json.dumps(document, indent=1))
    if not (shared / _LOCK_FILE).exists():
        _init(program, shared, document)
    code, error = _apply(program, directory, shared, seconds, lock)
    if code and " init" in error:
        # The provider's files have gone, or it is another release of Terraform that cannot use them.
        _init(program, shared, document)
        code, error = _apply(program, directory, shared, seconds, lock)
    if code:
        raise RuntimeError(f"{Path(program).name} apply failed:\n{error.strip()[-4000:]}")


def _program() -> str:
    """The program that `TERRAFORM_BINARY_NAME` names; by default Terraform, or OpenTofu if only that is there."""
    names = [os.environ["TERRAFORM_BINARY_NAME"]] if os.environ.get("TERRAFORM_BINARY_NAME") else ["terraform", "tofu"]
    for name in names:
        if found := shutil.which(name):
            return found
    raise RuntimeError(f"there is no {' and no '.join(names)} on PATH: install Terraform or OpenTofu")


def _shared(program: str, providers: Mapping[str, Any]) -> Path:
    """The initialised directory for a program and the providers of a cluster.

    With a directory of its own, each cluster would take the time of `terraform init`. As the clusters have no backend
    and no modules, Terraform keeps only the provider there (Terraform docs, TF_DATA_DIR).
    """
    key = sha256(json.dumps([program, providers], sort_keys=True).encode()).hexdigest()[:12]
    return store.cache() / f"{Path(program).name}-{key}"


def _init(program: str, shared: Path, document: Mapping[str, Any]) -> None:
    with held(shared.with_suffix(".lock"), wait=True):
        shared.mkdir(parents=True, exist_ok=True)
        wanted = {"terraform": {"required_providers": document["terraform"]["required_providers"]}}
        (shared / _INPUT).write_text(json.dumps(wanted))
        words = [program, "init", "-input=false", "-no-color", "-upgrade"]
        code, out, error = Processes(_INIT_SECONDS).run(words, shared, _QUIET)
        if code:
            (shared / _LOCK_FILE).unlink(missing_ok=True)
            raise RuntimeError(f"{Path(program).name} init failed:\n{(out + error).strip()[-4000:]}")


def _apply(program: str, directory: Path, shared: Path, seconds: float, lock: int) -> tuple[int, str]:
    shutil.copyfile(shared / _LOCK_FILE, directory / _LOCK_FILE)
    words = [program, "apply", "-auto-approve", "-input=false", "-no-color", "-compact-warnings"]
    environment = {**_QUIET, "TF_DATA_DIR": str(shared / _DATA)}
    code, _, error = Processes(seconds).run(words, directory, environment, inherited=[lock])
    return code, error


# No hints for people, and no look for newer releases (Terraform docs, environment variables).
_QUIET = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
