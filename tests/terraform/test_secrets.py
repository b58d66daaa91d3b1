"""What must not be seen is not: a search for planted words in all that a user sees or keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from stacks import Cluster
from stacks.local import LocalCluster
from tests.terraform.conftest import Terraform

PLANTED = {"registry_username": "planted-name-7f3a", "registry_password": "planted-word-9c1e"}


def test_a_registrys_password_is_in_no_output_and_no_file_but_the_plan_itself(
    app: App, terraform: Terraform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PLANTED.items():
        monkeypatch.setenv(f"TF_VAR_{name}", value)
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    LocalCluster(app, Cluster("dev", **pins, registry="registry.example.com", registry_login=True))
    planned = terraform("plan", "-input=false", "-no-color", "-out=plan")
    shown = terraform("show", "-no-color", "plan")
    said = planned.stdout + planned.stderr + shown.stdout + shown.stderr
    assert "registry.example.com/mesosphere/mesos-master:1.11.0" in said
    folder = Path(app.outdir)
    # What `-out` writes has the variables' values (Terraform docs, command plan); cdktf writes none that stays.
    kept = [
        path for path in folder.rglob("*") if path.is_file() and path.name != "plan" and ".terraform" not in str(path)
    ]
    assert kept
    for secret in PLANTED.values():
        assert secret not in said
        assert not [path for path in kept if secret.encode() in path.read_bytes()]
