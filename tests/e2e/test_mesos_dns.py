"""Names of tasks: Mesos-DNS is added to a running cluster, is asked all the while, rolled, and taken away again."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
import requests
from dnslib import DNSError, DNSRecord  # type: ignore[import-untyped]

from sandbox.dns_client import addresses, from_container, wait_for
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.repeated import Repeated
from sandbox.static import (
    TASKS,
    containers,
    live,
    log_of,
    removed_afterwards,
    run_tasks,
    static_project,
    tasks,
    versions,
)
from tests.e2e.conftest import PINS

DOMAIN = "dns.example.com"
WEB = f"web.marathon.{DOMAIN}"
FIRST, SECOND, BROKEN = "v0.9.4", "v0.10.1", "v0.10.2-RC1"


@pytest.fixture(scope="module")
def servers(control: list[Host], agents: list[Host]) -> list[Host]:
    """The hosts of Mesos-DNS: that of the control plane, and one with an agent."""
    return [control[0], agents[0]]


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster without Mesos-DNS."""
    project = static_project(tmp_path_factory.mktemp("dns"), "named", control[:1], agents, **PINS)
    with removed_afterwards(project, control[:1], agents):
        project.deploy()
        yield project


@pytest.fixture(scope="module")
def cluster(project: Project, control: list[Host], agents: list[Host], servers: list[Host]) -> LiveCluster:
    """The cluster with Mesos-DNS, which came when tasks ran already. Its port was taken at first."""
    cluster = run_tasks(live(project, control), agents)
    ids, running, before = cluster.agent_ids(), tasks(agents), containers(project, [*control[:1], *agents])
    project.change(
        dns={"version": FIRST, "domain": DOMAIN, "resolvers": [], "machines": [host.name for host in servers]}
    )
    with closing(servers[0].docker()) as client:
        listens = ["sh", "-c", "while true; do nc -l -p 53; done"]
        taken = client.containers.run("busybox:1.35.0", listens, network_mode="host", detach=True)
        try:
            code, output = project.cdktf("deploy", "*", "--auto-approve")
        finally:
            taken.remove(force=True)
    assert code != 0
    assert "machine_is_ready" in output[output.index("Error:") :]
    wrong = f"{servers[0].name} ({servers[0].address}): port 53: found a process that listens, wanted it free"
    # The machine's first check is that of the control plane, and covers all ports of the machine.
    assert wrong in log_of(servers[0], "named-preflight-machine-zookeeper")
    assert containers(project, [*control[:1], *agents]) == before

    project.deploy()
    # Only the agents' containers are replaced, and these are the same agents, with the same tasks.
    after = containers(project, [*control[:1], *agents])
    assert {name for where, name in before if after[where, name] != before[where, name]} == {"named-agent-1"}
    assert eventually(lambda: cluster.agent_ids() == ids, "agents with the same ids as before")
    assert tasks(agents) == running
    return cluster


def test_names_lead_to_tasks_through_each_server_from_hosts_and_from_containers_on_their_network(
    cluster: LiveCluster, control: list[Host], agents: list[Host], servers: list[Host]
) -> None:
    where = {
        agent["hostname"]
        for task in cluster.tasks("web")
        for agent in cluster.state()["slaves"]
        if agent["id"] == task["slave_id"]
    }
    for server in servers:
        wait_for(server, WEB, where)
        assert addresses(server, WEB, tcp=True) == where
        assert addresses(server, f"leader.{DOMAIN}") == {control[0].address}
        hosts_file = f"/v1/hosts/{WEB}"
        found = requests.get(f"http://{server.address}:8123{hosts_file}", timeout=5).json()
        assert {each["ip"] for each in found} == where
        for host in agents:
            assert from_container(host, f"mesosphere/mesos-slave:{PINS['mesos_version']}", WEB, server) == where


def test_agents_give_the_servers_to_containers_with_a_network_of_their_own(
    cluster: LiveCluster, servers: list[Host]
) -> None:
    for agent in cluster.agents:
        flag = requests.get(f"{agent}/flags", timeout=5).json()["flags"]["default_container_dns"]
        assert all(server.address in flag for server in servers)


class Client(Repeated):
    """Resolves a name anew 20 times a second, at the next server if one does not answer.

    Args:
        servers: the addresses of the servers, in the order in which they are asked.
    """

    def __init__(self, servers: Sequence[str]) -> None:
        super().__init__(0.05)
        self.asked, self.failed = 0, 0
        self._servers = servers

    def step(self) -> None:
        self.asked += 1
        self.failed += not any(self._answers(server) for server in self._servers)

    def _answers(self, server: str) -> bool:
        try:
            return bool(DNSRecord.parse(DNSRecord.question(WEB).send(server, 53, timeout=1)).rr)
        except (OSError, DNSError):
            return False


def test_a_roll_of_the_servers_fails_no_question(
    cluster: LiveCluster,
    project: Project,
    control: list[Host],
    agents: list[Host],
    servers: list[Host],
    measured: Callable[[str], None],
) -> None:
    running, before = tasks(agents), containers(project, [*control[:1], *agents])
    orders = [list(order) for order in itertools.permutations([host.address for host in servers])]
    project.change(dns={"version": SECOND})
    with Client(orders[0]) as first, Client(orders[1]) as second:
        project.deploy()
    assert versions(servers, "named-dns") == [SECOND] * 2
    after = containers(project, [*control[:1], *agents])
    assert {name for where, name in before if after.get((where, name)) != before[where, name]} <= {
        "named-dns",
        "named-dns-gate",
    }
    measured(f"{first.failed + second.failed} of {first.asked + second.asked} questions failed")
    assert (first.failed, second.failed) == (0, 0)
    assert first.asked > 100
    assert tasks(agents) == running
    preview = project.preview()
    assert (preview["changed"], preview["complete"], preview["warnings"]) == (False, True, [])


@pytest.mark.full
def test_a_broken_candidate_stops_at_the_first_server(
    cluster: LiveCluster, project: Project, servers: list[Host]
) -> None:
    project.change(dns={"version": BROKEN})
    with Client([host.address for host in servers]) as client:
        code, output = project.cdktf("deploy", "*", "--auto-approve", timeout=300)
    found = versions(servers, "named-dns")
    project.change(dns={"version": SECOND})
    project.deploy()
    assert code != 0
    assert f"({servers[0].name}/named-dns-gate)" in output[output.index("Error:") :]
    assert found == [BROKEN, SECOND]
    # The broken one says that no name exists, and clients believe it, but the other one keeps all names.
    assert addresses(servers[1], WEB)
    assert client.asked > 100


@pytest.mark.full
def test_it_leaves_the_machines_in_one_deploy(
    cluster: LiveCluster, project: Project, agents: list[Host], servers: list[Host]
) -> None:
    running = tasks(agents)
    project.change(dns={"leaving": [host.name for host in servers]})
    project.deploy()
    for server in servers:
        with pytest.raises(OSError), socket.create_connection((server.address, 53), timeout=5):  # noqa: PT011 (any)
            pass
    for agent in cluster.agents:
        flags = requests.get(f"{agent}/flags", timeout=5).json()["flags"]
        assert "default_container_dns" not in flags
    assert tasks(agents) == running
    assert len(cluster.tasks("web")) == TASKS
