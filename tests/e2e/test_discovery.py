"""Requests by name on five machines: three of the control plane and two of agents, while everything below them changes.

Mesos-DNS is on two machines, a load balancer on that of each agent. Each test records how many requests failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest
import requests
from dnslib import DNSError  # type: ignore[import-untyped]

from sandbox.app_client import AppClient
from sandbox.dns_client import addresses, from_container, wait_for
from sandbox.hosts import Host
from sandbox.live import eventually
from sandbox.project import Project
from sandbox.static import removed_afterwards, static_project, tasks, versions
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

pytestmark = pytest.mark.full

DNS_DOMAIN = "dns.example.com"
WEB = f"web.marathon.{DNS_DOMAIN}"
BEFORE = {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"}
AFTER = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"}
DNS_BEFORE, DNS_AFTER = "v0.9.4", "v0.10.1"


@pytest.fixture(scope="module")
def servers(control: list[Host], agents: list[Host]) -> list[Host]:
    """The hosts of Mesos-DNS: one of the control plane, and one with an agent."""
    return [control[0], agents[0]]


@pytest.fixture(scope="module")
def project(
    control: list[Host], agents: list[Host], servers: list[Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """The cluster with everything by which apps are found."""
    project = static_project(
        tmp_path_factory.mktemp("found"),
        "found",
        control,
        agents,
        load_balancer=balancer_settings(agents),
        dns={
            "version": DNS_BEFORE,
            "domain": DNS_DOMAIN,
            "resolvers": [],
            "machines": [host.name for host in servers],
        },
        **{**PINS, **BEFORE},
    )
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def site(project: Project, control: list[Host], agents: list[Host]) -> Site:
    """The cluster, with an app of two instances that both balancers know."""
    site = Site(project, control, agents)
    site.ready()
    return site


def hosts_of_the_app(site: Site) -> set[str]:
    """The addresses of the machines on which the app's instances run."""
    found = requests.get(f"{site.cluster.marathon}/v2/apps/web", timeout=5).json()["app"]["tasks"]
    return {str(each["host"]) for each in found}


def test_its_name_leads_to_the_app_through_each_server_from_hosts_and_from_containers_on_their_network(
    site: Site, servers: list[Host]
) -> None:
    where = hosts_of_the_app(site)
    for server in servers:
        wait_for(server, WEB, where)
        for host in site.agents:
            image = f"mesosphere/mesos-slave:{site.project.settings['mesos_version']}"
            assert from_container(host, image, WEB, server) == where


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_its_name_leads_to_both_instances_through_each_balancer(site: Site, secure: bool) -> None:
    for host in site.agents:
        assert [status for status, _ in answers(host, secure=secure)] == [200, 200]


def kill_the_leading_marathon(site: Site) -> None:
    """Kill the Marathon that leads, scale the app with the next one, and start the killed one again."""
    instances = {f"{host.address}:8080": host for host in site.control}
    host = instances.pop(requests.get(f"{site.cluster.marathon}/v2/leader", timeout=5).json()["leader"])
    other = f"http://{next(iter(instances))}"
    host.run("docker", "kill", f"{site.project.name}-marathon")
    try:
        eventually(
            lambda: requests.get(f"{other}/v2/leader", timeout=5).json()["leader"] in instances,
            "another Marathon that leads",
        )
        # The balancers must follow the new leader. What it starts is reached, and what it ends is not asked any more.
        site.scale(3, other)
        site.scale(2, other)
    finally:
        host.run("docker", "start", f"{site.project.name}-marathon")


def roll_the_cluster(site: Site) -> None:
    """Deploy other versions of ZooKeeper, the masters and the agents."""
    running = tasks(site.agents)
    site.project.change(**AFTER)
    site.project.deploy()
    found = {
        "zookeeper_version": versions(site.control, "found-zookeeper"),
        "mesos_version": versions(site.control, "found-master") + versions(site.agents, "found-agent-1"),
    }
    assert {name: set(each) for name, each in found.items()} == {name: {each} for name, each in AFTER.items()}
    assert tasks(site.agents) == running


@pytest.mark.parametrize(
    ("change", "may_fail"),
    [
        (scale, 0),
        # A request that the instance was about to answer is lost. Those after it reach the other one.
        (kill_an_instance, 2),
        (roll_the_balancers, 0),
        (kill_the_leading_marathon, 0),
        (roll_the_cluster, 0),
    ],
)
def test_requests_go_on(
    site: Site, change: Callable[[Site], None], may_fail: int, measured: Callable[[str], None]
) -> None:
    with site.requests() as client:
        change(site)
    told(measured, change.__name__, client)
    assert len(client.failed) <= may_fail, client.failed


class ResolvingClient(AppClient):
    """Asks Mesos-DNS for the app's machines before each request, and sends it to the load balancer on one of them.

    Each request asks the next server first, and the other one if that does not answer. As in a C library, a server's
    answer that the name does not exist is final.
    """

    def __init__(self, host: str, servers: Sequence[Host]) -> None:
        super().__init__(host, [])
        self._servers = servers

    def balancers(self, turn: int) -> list[str]:
        """The addresses that the first server that answers has for the app's name."""
        for number in range(len(self._servers)):
            with suppress(OSError, DNSError):
                return sorted(addresses(self._servers[(turn + number) % len(self._servers)], WEB, seconds=1))
        return []


def test_requests_that_resolve_the_name_anew_go_on_while_mesos_dns_is_rolled(
    site: Site, servers: list[Host], measured: Callable[[str], None]
) -> None:
    where = hosts_of_the_app(site)
    for server in servers:
        wait_for(server, WEB, where)
    site.project.change(dns={"version": DNS_AFTER})
    with ResolvingClient(f"web.{DOMAIN}", servers) as client:
        site.project.deploy()
    assert versions(servers, "found-dns") == [DNS_AFTER] * len(servers)
    told(measured, "Mesos-DNS is rolled", client)
    assert client.failed == []
