"""Masters and agents at each stage of security: their flags, variables and files, by release."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, MesosAgentPool, MesosMasterSet, Security, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.image.release import parse_release
from cdktf_mesos.mesos.closed import closed_agent, closed_master, left_open, shuts_agents_down
from cdktf_mesos.security.security import Stage

Synth = Callable[[], dict[str, Any]]

STAGES: tuple[Stage, ...] = ("prepared", "used", "required")


def flags_of(secrets: Path, program: str, release: str) -> dict[str, set[str]]:
    closed = {"master": closed_master, "agent": closed_agent}[program]
    return {stage: {*closed(Security(stage, str(secrets)), parse_release(release)).flags} for stage in STAGES}


def contents(secrets: Path, program: str, release: str, stage: Stage = "required") -> Mapping[str, str]:
    closed = {"master": closed_master, "agent": closed_agent}[program]
    files = closed(Security(stage, str(secrets)), parse_release(release)).files
    return {file.path.rpartition(".")[2]: file.text for file in files}


@pytest.mark.parametrize(
    ("release", "required"),
    [
        ("0.22.1", {"authenticate", "authenticate_slaves", "acls"}),
        ("0.27.1", {"authenticate", "authenticate_slaves", "authenticate_http", "acls"}),
        (
            "1.0.0",
            {
                *("authenticate_agents", "authenticate_frameworks", "authenticate_http_readonly"),
                *("authenticate_http_readwrite", "authenticate_http_frameworks", "http_framework_authenticators"),
                "acls",
            },
        ),
    ],
)
def test_masters_know_the_principals_first_and_require_them_last(
    secrets: Path, release: str, required: set[str]
) -> None:
    assert flags_of(secrets, "master", release) == {
        "prepared": {"credentials"},
        "used": {"credentials"},
        "required": {"credentials", *required},
    }


@pytest.mark.parametrize(
    ("release", "used", "required"),
    [
        ("0.28.2", {"credential"}, set()),
        (
            "1.11.0",
            {"credential", "http_credentials"},
            {"authenticate_http_readonly", "authenticate_http_readwrite", "acls"},
        ),
    ],
)
def test_agents_authenticate_when_all_masters_know_them(
    secrets: Path, release: str, used: set[str], required: set[str]
) -> None:
    assert flags_of(secrets, "agent", release) == {"prepared": set(), "used": used, "required": used | required}


def test_the_form_of_the_credentials_is_that_of_the_release(secrets: Path) -> None:
    agent = (secrets / "agent").read_text()
    assert f"agent {agent}\n" in contents(secrets, "master", "0.25.0")["credentials"]
    assert contents(secrets, "agent", "0.25.0")["credential"] == f"agent {agent}"
    known = json.loads(contents(secrets, "master", "0.26.0")["credentials"])["credentials"]
    assert {each["principal"] for each in known} == {"agent", "marathon", "operator", "probe"}
    assert json.loads(contents(secrets, "agent", "1.11.0")["credential"]) == {"principal": "agent", "secret": agent}


def test_masters_know_both_secrets_of_a_rotation_and_agents_use_the_newest(secrets: Path) -> None:
    for name in ("agent-2", "probe-2", "framework-chronos"):
        (secrets / name).write_text("n" * 40)
        (secrets / name).chmod(0o600)
    found = contents(secrets, "master", "1.11.0")
    known = {each["principal"] for each in json.loads(found["credentials"])["credentials"]}
    assert known == {"agent", "agent-2", "probe", "probe-2", "marathon", "framework-chronos", "operator"}
    acls = json.loads(found["acls"])
    assert acls["register_agents"][0]["principals"]["values"] == ["agent", "agent-2"]
    assert acls["register_frameworks"][0]["principals"]["values"] == ["marathon", "framework-chronos"]
    assert json.loads(contents(secrets, "agent", "1.11.0")["credential"])["principal"] == "agent-2"


def test_only_operators_may_change_and_the_probes_may_only_read(secrets: Path) -> None:
    for program, at_least in (("master", 20), ("agent", 15)):
        acls = json.loads(contents(secrets, program, "1.11.0")["acls"])
        assert acls.pop("permissive") is True
        assert len(acls) >= at_least
        for name, entries in acls.items():
            allowed = {each for entry in entries[:-1] for each in entry["principals"]["values"]}
            *_, last = entries
            assert {each["type"] for each in last.values()} == {"ANY", "NONE"}
            assert last["principals"]["type"] == "ANY"
            assert ("probe" in allowed) is (name in ("get_endpoints", "view_flags")), name


def test_old_names_of_lists_are_not_given_to_masters_that_would_exit(secrets: Path) -> None:
    assert "update_quotas" in contents(secrets, "master", "1.0.0")["acls"]
    assert "set_quotas" not in contents(secrets, "master", "1.0.0")["acls"]
    assert "set_quotas" in contents(secrets, "master", "0.28.0")["acls"]


@pytest.mark.parametrize(("release", "matches"), [("1.3.2", False), ("1.4.0", True)])
def test_senders_must_have_the_address_of_their_connection_from_1_4_on(
    secrets: Path, release: str, matches: bool
) -> None:
    for closed in (closed_master, closed_agent):
        assert bool(closed(Security("required", str(secrets)), parse_release(release)).environment) is matches
        assert not closed(Security("used", str(secrets)), parse_release(release)).environment


def test_a_container_gets_its_secrets_by_files_that_are_not_in_the_synthesised_text(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth, secrets: Path, tmp_path: Path
) -> None:
    image = "mesosphere/mesos-master:1.11.0"
    security = Security("required", str(secrets))
    masters = MesosMasterSet(
        stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image, security=security
    )
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    synthesised = synth()
    text = json.dumps(synthesised)
    planted = [(secrets / name).read_text() for name in ("agent", "marathon", "operator", "probe", "zookeeper")]
    assert not [secret for secret in [*planted, security.login().text] if secret in text]
    for name, files in (("mesos", {"credentials", "acls", "probe"}), ("agents", {"credential", "acls", "probe"})):
        container = synthesised["containers"][name]
        assert {"label": "cdktf-mesos.security", "value": "required"} in container["labels"]
        uploads = {each["file"].rpartition(".")[2]: each for each in container["upload"]}
        assert files <= {*uploads}
        for upload in uploads.values():
            assert upload["permissions"] == "0400"
            source = tmp_path / "cdktf.out" / "stacks" / "stack" / upload["source"]
            assert not Path(upload["source"]).is_absolute()
            assert source.stat().st_mode & 0o777 == 0o600
            assert len(upload["source_hash"]) == 64


@pytest.mark.parametrize("name", ["credentials", "acls", "authenticate_http_readwrite", "authenticate_slaves"])
def test_flags_that_close_the_cluster_contradict_security(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, secrets: Path, name: str
) -> None:
    given: dict[str, Any] = {"hosts": [host], "zookeeper": zookeeper, "cluster": "c"}
    given |= {"image": "mesosphere/mesos-master:1.11.0", "security": Security("prepared", str(secrets))}
    with pytest.raises(ValueError, match=rf"stack/one: flags\['{name}'\] is invalid.*the cluster has security"):
        MesosMasterSet(stack, "one", flags={name: "x"}, **given)
    options = ContainerOptions(environment={f"MESOS_{name.upper()}": "x"})
    with pytest.raises(ValueError, match=f"options.environment is invalid: 'MESOS_{name.upper()}'.*security"):
        MesosMasterSet(stack, "two", port=1, chroot="/b", options=options, **given)


def test_what_checks_read_can_only_be_closed_by_security(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, masters: MesosMasterSet
) -> None:
    given: dict[str, Any] = {"hosts": [host], "zookeeper": zookeeper, "cluster": "c"}
    given |= {"image": "mesosphere/mesos-master:1.11.0"}
    with pytest.raises(ValueError, match=r"flags\['authenticate_http_readonly'\] is invalid: True. Use security"):
        MesosMasterSet(stack, "one", port=1, chroot="/a", flags={"authenticate_http_readonly": True}, **given)
    options = ContainerOptions(environment={"MESOS_AUTHENTICATE_HTTP_READONLY": "true"})
    with pytest.raises(ValueError, match="'MESOS_AUTHENTICATE_HTTP_READONLY'. Use security"):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters, options=options)
    # This closes no end point that checks read.
    flags: dict[str, str | bool] = {
        "authenticate_http_readwrite": True,
        "authenticate_http_readonly": False,
        "credentials": "/c",
    }
    MesosMasterSet(stack, "two", port=2, chroot="/b", flags=flags, **given)


@pytest.mark.parametrize(("release", "old"), [("1.3.2", True), ("1.4.1", True), ("1.4.2", False), ("1.6.0", True)])
def test_old_masters_shut_agents_down_that_do_not_authenticate(release: str, old: bool) -> None:
    assert shuts_agents_down(parse_release(release)) is old


def test_what_stays_open_is_known() -> None:
    assert left_open("master", parse_release("1.11.0")) is None
    assert "only end points that change" in str(left_open("master", parse_release("0.28.0")))
    assert "agents still answer anybody" in str(left_open("agent", parse_release("0.28.0")))
