"""What a stranger without a password can do to a whole cluster: first to an open one, then at the stage `required`.

The stranger is on this machine, on an agent's machine, and in a task. The sandbox's tasks use their machine's network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox import paths
from sandbox.attacks import CLOSED, NO_WAY, OPEN, Targets
from sandbox.hosts import Host
from sandbox.live import eventually
from sandbox.project import ROOT, Project
from sandbox.static import removed_afterwards, static_project, task_containers
from tests.e2e.balanced import Site, balancer_settings
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

# What has no password of its own at any stage, and what is gone at `required` (docs/what-is-open.md).
FOR_THE_FIREWALL, GONE_AT_REQUIRED = "load balancer: /_haproxy_getconfig", "Mesos-DNS: /v1/config"
FORGED = "forged TEARDOWN"
LIVES, GONE = "framework lives", "framework gone"

Answers = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """An open cluster with everything that has an end point."""
    dns = {"version": "v0.9.4", "domain": "dns.example.com", "resolvers": [], "machines": [control[0].name]}
    balancers = balancer_settings(agents)
    further = {"dns": dns, "load_balancer": balancers, "marathon": {"principal": "marathon"}}
    project = static_project(tmp_path_factory.mktemp("attacked"), "attacked", control, agents, **further, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def site(project: Project, control: list[Host], agents: list[Host]) -> Site:
    """The cluster, with an app."""
    return Site(project, control, agents)


def login(project: Project) -> tuple[str, str] | None:
    """The operator's login; None while the cluster is open."""
    secret = project.directory / "secrets" / "operator"
    return ("operator", secret.read_text()) if secret.exists() else None


def leader(site: Site) -> str:
    """The leading master, `host:port`."""

    def leads() -> str | None:
        for host in site.control:
            answer = requests.get(
                f"http://{host.address}:5050/metrics/snapshot", auth=login(site.project), timeout=5
            ).json()
            if answer.get("master/elected") == 1:
                return f"{host.address}:5050"
        return None

    return eventually(leads, "a leading master")


@contextmanager
def victim(site: Site, master: str, host: Host) -> Iterator[tuple[str, str]]:
    """A framework on a host, with Marathon's principal: its id and its pid."""
    secret = site.project.directory / "secrets" / "marathon"
    words = ["ip", "netns", "exec", host.name, sys.executable, "-m", "sandbox.v0_framework"]
    with subprocess.Popen(
        [*words, master, host.address, "marathon"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write((secret.read_text() if secret.exists() else "") + "\n")
        process.stdin.flush()
        found, pid = process.stdout.readline().split()
        yield found, pid


def is_listed(site: Site, master: str, framework: str) -> bool:
    """Whether the master has the framework as one that has not ended."""
    answer = requests.get(f"http://{master}/frameworks", auth=login(site.project), timeout=5).json()
    return any(each["id"] == framework for each in answer["frameworks"])


def in_a_task(host: Host) -> list[str]:
    """The words with which a command has the network of a task on a host."""
    name, (container, _) = next(iter(task_containers(host).items()))
    found = subprocess.run(
        ["grep", "-ls", container, *Path("/proc").glob("[0-9]*/cgroup")], capture_output=True, text=True
    )
    assert found.stdout, f"{host.name}: no process of {name}"
    return ["nsenter", f"--target={Path(found.stdout.split()[0]).parent.name}", "--net"]


def tried(site: Site) -> Answers:
    """What became of each attack, by the attacker's place."""
    eventually(lambda: any(map(task_containers, site.agents)), "a task")
    host, other = sorted(site.agents, key=lambda each: not task_containers(each))[:2]
    places: dict[str, tuple[Sequence[str], str]] = {
        "from outside": ([], paths.BRIDGE_ADDRESS),
        "from an agent's machine": (["ip", "netns", "exec", host.name], host.address),
        "from a task": (in_a_task(host), host.address),
    }
    found: Answers = {}
    for place, (words, source) in places.items():
        master = leader(site)
        with victim(site, master, site.control[2]) as (framework, pid):
            targets = Targets(
                source=source,
                master=master,
                agent=f"{other.address}:5051",
                marathon=f"{site.control[0].address}:8080",
                zookeeper=f"{site.control[0].address}:2181",
                dns=f"{site.control[0].address}:8123",
                balancer=f"{other.address}:9090",
                victim=framework,
                victim_pid=pid,
            )
            done = subprocess.run(
                [*words, sys.executable, "-m", "sandbox.attacks"],
                cwd=ROOT,
                input=targets.text(),
                capture_output=True,
                text=True,
                timeout=180,
                check=True,
            )
            found[place] = json.loads(done.stdout)
            found[place][FORGED] = LIVES if outlives(site, master, framework) else GONE
    return found


def outlives(site: Site, master: str, framework: str) -> bool:
    """Whether a framework is still there some seconds after a message that would end it."""
    try:
        eventually(lambda: not is_listed(site, master, framework), "the end of the framework", seconds=5)
    except TimeoutError:
        return True
    return False


def show(answers: Answers, stage: str, measured: Callable[[str], None]) -> None:
    """Record the table: a line for each attack, with its answers from each place."""
    for name in next(iter(answers.values())):
        measured(f"{stage}: {name}: " + ", ".join(f"{place}: {each[name]}" for place, each in answers.items()))


def test_on_an_open_cluster_every_attack_works_from_everywhere(site: Site, measured: Callable[[str], None]) -> None:
    site.ready()
    answers = tried(site)
    show(answers, "open", measured)
    for each in answers.values():
        assert {name: answer for name, answer in each.items() if answer not in (OPEN, GONE)} == {}


def test_a_closed_cluster_refuses_all_that_has_a_password(site: Site, measured: Callable[[str], None]) -> None:
    site.project.operate("secrets", "secrets")
    for stage in ("prepared", "used", "required"):
        site.project.change(security={"stage": stage, "secrets": "secrets"})
        site.project.deploy()
    answers = tried(site)
    show(answers, "required", measured)
    for each in answers.values():
        assert each.pop(FORGED) == LIVES
        others = {name: answer for name, answer in each.items() if answer != CLOSED}
        assert others == {FOR_THE_FIREWALL: OPEN, GONE_AT_REQUIRED: NO_WAY}
