"""Secrets do not leak: tests search for planted words in all outputs and files that a user sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, Image, Marathon, MesosMasterSet, Registry, ZookeeperEnsemble
from cdktf_mesos.cdk import App, TerraformStack, TerraformVariable
from sandbox.project import Project
from sandbox.provider import has_ephemeral_variables
from tests.planted import files_with
from tests.terraform.conftest import run_terraform

NAME, WORD = "planted-name-7f3a", "planted-word-9c1e"
PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def planted(text: str) -> list[str]:
    return [secret for secret in (NAME, WORD) if secret in text]


def kept_with_secrets(project: Project) -> list[str]:
    """The files of a project with a planted word, without the providers' programs."""
    files = [path for path in project.directory.rglob("*") if path.is_file() and "providers" not in path.parts]
    return [str(path.relative_to(project.directory)) for path in files_with([NAME, WORD], files)]


def private(folder: Path, **more: Any) -> Project:
    """A cluster whose images come from a registry with a password, on an engine that does not answer."""
    secrets = {"TF_VAR_registry_username": NAME, "TF_VAR_registry_password": WORD}
    engine = f"unix://{folder}/no-engine.sock"
    own = {"registry": "registry.example.com:5000", "registry_login": True}
    platform = {"kind": "local", "engine": engine}
    return Project(folder / "project", secrets, name="dev", platform=platform, **own, **PINS, **more)


def diff_and_deploy(project: Project) -> None:
    """Run diff and deploy, as far as that is possible without an engine; no planted word may be in their output."""
    code, output = project.cdktf("diff")
    assert code == 0
    assert "registry.example.com:5000/mesosphere/mesos-master:1.11.0" in output
    assert not planted(output)
    code, output = project.cdktf("deploy", "--auto-approve")
    assert code != 0
    # The deploy got as far as connecting to the engine.
    assert "no-engine.sock is reachable" in output
    assert not planted(output)
    assert (project.directory / "terraform.dev.tfstate").exists()


def test_the_registrys_password_is_in_no_output_and_no_file(tmp_path: Path) -> None:
    if not has_ephemeral_variables():
        pytest.skip("Terraform before 1.10 has the values of all variables in the plans that cdktf keeps")
    project = private(tmp_path)
    diff_and_deploy(project)
    # The next test shows that the search also looks into plans.
    assert (project.directory / "cdktf.out/stacks/dev/plan").exists()
    assert kept_with_secrets(project) == []
    assert not planted(json.dumps(project.plan()))
    assert kept_with_secrets(project) == []


def test_without_ephemeral_variables_the_password_is_only_in_the_plan_that_cdktf_keeps(tmp_path: Path) -> None:
    project = private(tmp_path, registry_login_ephemeral=False)
    diff_and_deploy(project)
    assert kept_with_secrets(project) == ["cdktf.out/stacks/dev/plan"]
    document = project.plan()
    assert planted(json.dumps(document.pop("variables"))) == [NAME, WORD]
    assert not planted(json.dumps(document))


def test_the_preview_shows_no_secret_and_keeps_no_plan(tmp_path: Path) -> None:
    project = private(tmp_path, registry_login_ephemeral=False)
    shown = project.preview()
    assert shown["complete"]
    assert not planted(json.dumps(shown))
    assert kept_with_secrets(project) == []


def test_the_error_without_the_variables_names_them(tmp_path: Path) -> None:
    code, output = Project(tmp_path / "without", **private(tmp_path).settings).cdktf("diff")
    assert code != 0
    assert "registry_password" in output


def test_secrets_in_flags_and_environment_are_in_no_output(
    app: App, environment: dict[str, str], tmp_path: Path
) -> None:
    """ZooKeeper's digest, frameworks' credentials, a keystore's password: in the containers and in the state."""
    stack = TerraformStack(app, "secrets")
    name, word = (TerraformVariable(stack, each, type="string", sensitive=True) for each in ("name", "word"))
    registries = [Registry("registry.example.com", name, word)]
    host = DockerHost(stack, "host", address="10.0.0.1", engine=f"unix://{tmp_path}/none.sock", registries=registries)
    digest = ContainerOptions(environment={"JVMFLAGS": f"-Dzookeeper.DigestAuth={word.string_value}"})
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=digest)
    masters = MesosMasterSet(
        stack,
        "mesos",
        hosts=[host],
        zookeeper=zookeeper,
        cluster="c",
        image=Image("mesoscloud/mesos-master", "0.28.1-ubuntu-14.04"),
        # This image's entrypoint writes these to Mesos's file of credentials.
        options=ContainerOptions(environment={"PRINCIPAL": name.string_value, "SECRET": word.string_value}),
    )
    keystore = {"ssl_keystore_password": f"{name.string_value}:{word.string_value}"}
    Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.1.1", flags=keystore)
    app.synth()
    folder = Path(app.outdir) / "stacks/secrets"
    assert not planted((folder / "cdk.tf.json").read_text())
    run_terraform(folder, environment, "init", "-input=false", "-no-color", check=True)
    secrets = {**environment, "TF_VAR_name": NAME, "TF_VAR_word": WORD}
    words = ("plan", "-input=false", "-no-color", "-out=plan")
    done = [
        run_terraform(folder, secrets, *words, check=True),
        run_terraform(folder, secrets, "show", "-no-color", "plan", check=True),
        run_terraform(folder, secrets, "apply", "-auto-approve", "-input=false", "-no-color", check=False),
    ]
    assert [each.returncode for each in done] == [0, 0, 1]
    assert "docker_container" in done[1].stdout
    assert not planted("".join(each.stdout + each.stderr for each in done))
    document = json.loads(run_terraform(folder, secrets, "show", "-json", "plan", check=True).stdout)
    hidden = {
        (change["address"], name): change["change"]["after_sensitive"].get(name, False)
        for change in document["resource_changes"]
        for name, value in change["change"]["after"].items()
        if planted(json.dumps(value))
    }
    # The JSON plan has them in clear text, but marked as sensitive, so that tools that show a plan hide them.
    assert len(hidden) == 3
    assert all(hidden.values())
