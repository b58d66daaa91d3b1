"""Clusters of the tests at a stage of `security`, and a login for whatever asks them from this process."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from cdktf_mesos.security.directory import make_secrets

STAGE = "CDKTF_MESOS_TEST_STAGE"
"""The variable that names the stage. Without it, the tests' clusters are open."""

LOGIN = "NETRC"
"""The variable that names the file with the login of `requests` (its documentation, "netrc Authentication")."""


def stage() -> str | None:
    """The stage of the tests' clusters; None if they are open."""
    return os.environ.get(STAGE)


def security(directory: Path) -> dict[str, Any]:
    """The cluster's setting `security` for a project in this directory; empty unless the variable names a stage.

    The tests are the same for open and closed clusters, so their requests log in by a file. `cdktf` and the commands
    under test do not get it, because they have to log in by themselves.
    """
    if not stage():
        return {}
    shutil.copytree(Path(_secrets().name, "secrets"), directory / "secrets", dirs_exist_ok=True)
    return {"security": {"stage": stage(), "secrets": "secrets"}}


def credential(directory: Path) -> list[str]:
    """The operator's login for commands that know nothing of the program; empty unless the variable names a stage."""
    return ["--credential", str(directory / "secrets/operator")] if stage() else []


@functools.cache
def _secrets() -> tempfile.TemporaryDirectory[str]:
    """Secrets that all clusters of this process share, because a file for `requests` has one login for all hosts.

    The directory is removed when this process ends.
    """
    directory = tempfile.TemporaryDirectory(prefix="cdktf-mesos-")
    secrets, netrc = Path(directory.name, "secrets"), Path(directory.name, "netrc")
    make_secrets(secrets)
    netrc.touch(mode=0o600)
    netrc.write_text(f"default login operator password {(secrets / 'operator').read_text()}\n")
    os.environ[LOGIN] = str(netrc)
    return directory
