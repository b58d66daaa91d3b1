"""Preflights compare the new release with the one that a member says it runs. The real scripts run here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Image, Marathon, MesosMasterSet, Pin, Role, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.compatibility.running import forbidden
from cdktf_mesos.image.release import parse_release
from tests.unit.answers import HERE, NOT_SERVING, answering
from tests.unit.compatibility.test_bump import CASES, ROLES
from tests.unit.role.own_role import Chronos
from tests.unit.roll.preflights import container_of, refusal

Answers = dict[str, str | None]
OK, GONE = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"
WANTS_PASSWORD = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="mesos-master-readonly"\r\n\r\n'


def zookeeper(version: str, mode: str = "standalone") -> Answers:
    """The answers of ZooKeeper of a release."""
    text = f"Zookeeper version: {version}, built on 06/29/2018 04:05 GMT\nLatency min/avg/max: 0/0/0\nMode: {mode}\n"
    return {"srvr": text, "conf": "clientPort=2181\ndataDir=/data/version-2\nserverId=0\n"}


def master(version: str, *, has_version: bool) -> Answers:
    """The answers of a master of a release. Before 0.26 only its state has the release, next to a flag `version`."""
    gauges = OK + '{"master\\/elected":1.0,"registrar\\/log\\/recovered":1.0}'
    info = f'{{"build_date":"2015-05-05 06:15:50","flags":{{"version":"false"}},"version":"{version}"}}'
    if has_version:
        return {"/metrics": gauges, "/version": f"{OK}{info}", "/state": WANTS_PASSWORD}
    return {"/metrics": gauges, "/version": GONE, "/state.json": f"{OK}{info}"}


def marathon(version: str) -> Answers:
    """The answers of Marathon of a release."""
    leader = '{"leader":"10.0.0.11:8080"}'
    info = f'{{"name":"marathon","version":"{version}","buildref":"unknown","elected":true,"frameworkId":"a-0000"}}'
    return {"/v2/leader": OK + leader, "/v2/info": OK + info}


@pytest.fixture
def here(stack: TerraformStack) -> DockerHost:
    return DockerHost(stack, "here", address=HERE)


@pytest.fixture
def zookeeper_here(stack: TerraformStack, here: DockerHost) -> ZookeeperEnsemble:
    return ZookeeperEnsemble(stack, "zookeeper", hosts=[here], image="zookeeper:3.9.4")


@pytest.fixture
def masters(stack: TerraformStack, here: DockerHost, zookeeper_here: ZookeeperEnsemble) -> MesosMasterSet:
    image = "mesosphere/mesos-master:1.11.0"
    return MesosMasterSet(stack, "mesos", hosts=[here], zookeeper=zookeeper_here, cluster="c", image=image)


@pytest.fixture
def port() -> int:
    with answering("") as free:
        return free


Make = Callable[[str, str, int], Role]


@pytest.fixture
def make(stack: TerraformStack, here: DockerHost) -> Make:
    """Makes a role with a member on this machine."""

    def made(role: str, version: str, port: int) -> Role:
        image = f"zookeeper:{version if role == 'zookeeper' else '3.9.4'}"
        ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[here], image=image)
        if role == "zookeeper":
            return ensemble
        image = f"mesosphere/mesos-master:{version if role == 'master' else '1.11.0'}"
        common: dict[str, Any] = {"zookeeper": ensemble, "cluster": "c", "image": image}
        if role == "master":
            return MesosMasterSet(stack, "mesos", hosts=[here], port=port, **common)
        masters = MesosMasterSet(stack, "mesos", hosts=[here], **common)
        return Marathon(
            stack, "marathon", hosts=[here], masters=masters, image=f"mesosphere/marathon:{version}", port=port
        )

    return made


@pytest.mark.parametrize(
    ("role", "answers", "wanted", "refused"),
    [
        (
            "zookeeper",
            zookeeper("3.4.13-2d71af4dbe22557fda74f9a9b4309b15a7487f03"),
            "3.9.4",
            "3.4.13, and 3.9.4 must not follow it",
        ),
        ("zookeeper", zookeeper("3.4.5--1"), "3.5.10", "no snapshot"),
        ("zookeeper", zookeeper("3.5.10-59ca2c50"), "3.9.4", None),
        ("zookeeper", zookeeper("3.9.4-7246445"), "3.8.4", None),
        ("master", master("0.22.1", has_version=False), "1.11.0", "from one minor release to the next"),
        ("master", master("0.25.0", has_version=False), "0.26.0", None),
        ("master", master("0.28.1", has_version=True), "1.11.0", "from one minor release to the next"),
        ("master", master("0.28.1", has_version=True), "1.0.1", None),
        ("master", master("1.4.0", has_version=True), "1.11.0", None),
        ("master", master("1.11.0", has_version=True), "1.10.0", None),
        ("master", master("1.11.0", has_version=True), "0.28.1", "Only releases of 1.x"),
        ("marathon", marathon("1.11.24"), "v1.10.17", "a store that a newer release has written"),
        ("marathon", marathon("1.4.0-RC9"), "v1.11.24", "the last 1.5.x, v1.11.24"),
        ("marathon", marathon("1.10.17"), "v1.11.24", None),
        # A member that wants a password or does not tell its release is not compared.
        ("master", master("0.28.1", has_version=True) | {"/version": WANTS_PASSWORD}, "1.11.0", None),
        ("marathon", marathon("1.11.24") | {"/v2/info": WANTS_PASSWORD}, "v1.10.17", None),
        ("marathon", marathon("1.11.24") | {"/v2/info": None}, "v1.10.17", None),
        # A release that never served may go back.
        ("marathon", marathon("1.11.24") | {"/v2/leader": GONE}, "v1.10.17", None),
        ("zookeeper", {"srvr": NOT_SERVING}, "3.4.14", None),
    ],
)
def test_a_release_that_must_not_follow_the_one_that_runs_is_refused(
    stack: TerraformStack,
    make: Make,
    tmp_path: Path,
    port: int,
    role: str,
    answers: Answers,
    wanted: str,
    refused: str | None,
) -> None:
    container = container_of(make(role, wanted, port), stack)
    # With an image of 3.4 the port cannot be set.
    container["entrypoint"] = [str(port) if word == "2181" else word for word in container["entrypoint"]]
    (tmp_path / "version-2").mkdir()
    with answering(answers, HERE, port):
        found = refusal(container, DATA=str(tmp_path), PORT=str(port))
    if refused is None:
        assert not found
    else:
        assert found.startswith(f"{HERE} runs ")
        assert refused in found


def test_a_bump_that_is_allowed_or_was_given_for_one_deploy_passes(
    stack: TerraformStack, here: DockerHost, masters: MesosMasterSet, port: int
) -> None:
    image = Image("mesosphere/marathon", Pin("marathon_version", "v1.10.17"))
    role = Marathon(stack, "marathon", hosts=[here], masters=masters, image=image, port=port)
    container = container_of(role, stack)
    assert "VERSION=${var.marathon_version}" in container["env"]
    with answering(marathon("1.11.24"), HERE, port):
        assert refusal(container, VERSION="v1.10.17")
        assert not refusal(container, VERSION="v1.11.24")
        assert not refusal(container, VERSION="v1.10.17", OVERRIDE="true")


def test_with_allow_bump_releases_are_not_compared(stack: TerraformStack, make: Make, port: int) -> None:
    container = container_of(make("marathon", "v1.10.17", port), stack, allow_bump=True)
    assert not [each for each in container["env"] if each.startswith("FORBIDDEN=")]


def test_a_role_of_ones_own_is_compared_by_its_own_rules(
    stack: TerraformStack, here: DockerHost, masters: MesosMasterSet, port: int
) -> None:
    role = Chronos(stack, "chronos", hosts=[here], masters=masters, image="our/chronos:2.4.0", port=port)
    container = container_of(role, stack)
    answers: Answers = {"/ping": f"{OK}pong", "/version": OK + '{"version": "2.5.1"}'}
    with answering(answers, HERE, port):
        found = refusal(container)
    assert found == (
        f"{HERE} runs 2.5.1, and 2.4.0 must not follow it: an older release cannot read what a newer one has written "
        "(Chronos docs)"
    )


@pytest.mark.parametrize(("role", "deployed", "wanted", "severity", "word", "path"), CASES)
def test_the_table_for_the_script_agrees_with_the_rules(
    role: str, deployed: str, wanted: str, severity: str | None, word: str, path: Sequence[str]
) -> None:
    cls, running = ROLES[role], parse_release(deployed)
    table = forbidden(partial(cls.judge_bump, rolling=True), parse_release(wanted), cls.releases)
    number = running.major * 10**8 + running.minor * 10**4 + (running.patch or 0)
    found = [
        why
        for first, last, why in (line.split(" ", 2) for line in table.splitlines())
        if int(first) <= number <= int(last)
    ]
    assert len(found) == (severity == "error")
    assert all(word in why for why in found)
