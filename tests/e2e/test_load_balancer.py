"""Load balancers on two machines: apps by their names, and requests during changes of apps and of the balancers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.app_client import ask
from sandbox.hosts import Host
from sandbox.project import Project
from sandbox.static import containers, removed_afterwards, static_project
from tests.e2e.balanced import (
    DOMAIN,
    Site,
    answers,
    balancer_settings,
    kill_an_instance,
    roll_the_balancers,
    scale,
    told,
)
from tests.e2e.conftest import PINS


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster with a load balancer on the machine of each agent."""
    directory = tmp_path_factory.mktemp("balanced")
    balancer = balancer_settings(agents)
    project = static_project(directory, "balanced", control[:1], agents, load_balancer=balancer, **PINS)
    with removed_afterwards(project, control[:1], agents):
        project.deploy()
        yield project


@pytest.fixture
def site(project: Project, control: list[Host], agents: list[Host]) -> Site:
    """The cluster, with an app of two instances that both balancers know."""
    site = Site(project, control[:1], agents)
    site.ready()
    return site


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_an_app_is_reached_by_its_name_through_each_balancer(site: Site, secure: bool) -> None:
    for host in site.agents:
        found = answers(host, secure=secure)
        assert [status for status, _ in found] == [200, 200]
        assert ask(host.address, f"none.{DOMAIN}", secure=secure)[0] == 503


@pytest.mark.full
def test_a_deploy_without_changes_replaces_no_balancer(site: Site) -> None:
    before = containers(site.project, site.agents)
    site.project.deploy()
    assert containers(site.project, site.agents) == before
    preview = site.project.preview()
    assert (preview["changed"], preview["warnings"]) == (False, [])


def test_no_request_fails_while_the_app_scales(site: Site, measured: Callable[[str], None]) -> None:
    with site.requests() as client:
        scale(site)
    told(measured, "2 -> 4 -> 2 instances", client)
    assert client.failed == []


def test_requests_go_on_when_an_instance_dies(site: Site, measured: Callable[[str], None]) -> None:
    """A request that the instance was about to answer is lost. Those after it reach the other one."""
    with site.requests() as client:
        kill_an_instance(site)
    told(measured, "an instance dies", client)
    assert len(client.failed) <= 2


def test_no_request_fails_while_the_balancers_are_rolled(site: Site, measured: Callable[[str], None]) -> None:
    with site.requests() as client:
        roll_the_balancers(site)
    told(measured, "the balancers are rolled", client)
    assert client.failed == []


@pytest.mark.full
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "v1.15.1-rc1"}, "container failed to be in healthy state"),
        ({"certificates": "/srv/no-certificates"}, "every_other_marathon_lb_is_healthy"),
    ],
    ids=["broken candidate", "no certificates"],
)
def test_what_cannot_serve_stops_at_the_first_balancer(site: Site, change: dict[str, Any], reason: str) -> None:
    project, agents = site.project, site.agents
    before = containers(project, agents)
    kept = project.settings["load_balancer"]
    project.change(load_balancer=change)
    with site.requests() as client:
        code, output = project.cdktf("deploy", "*", "--auto-approve", timeout=300)
        after = containers(project, agents)
        project.change(load_balancer={"version": kept["version"], "certificates": None})
        project.deploy()
    assert code != 0
    assert reason in output[output.index("Error:") :]
    changed = {where for where in before if after.get(where) != before[where]}
    assert changed == ({(agents[0].name, site.balancer)} if "version" in change else set())
    assert client.failed == []
