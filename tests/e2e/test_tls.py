"""A cluster on five machines gets TLS in stages and loses it again, under a writer and tasks, with a real OpenSSL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import requests

from sandbox.authority import make_authority, make_certificate
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from sandbox.static import (
    containers,
    inspected,
    live,
    removed_afterwards,
    run_tasks,
    static_project,
    tasks,
    without_states,
)
from sandbox.watch import Poller, Writer
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

# Forth and back; None is the cluster without TLS.
PATH = ("used", "required", "used", None)


@pytest.fixture(scope="module", params=["1.8.1", "1.11.0"])
def encrypted(
    request: pytest.FixtureRequest, control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A cluster without TLS, with a directory of certificates, whose authority this process trusts."""
    pins = {**PINS, "mesos_version": request.param}
    project = static_project(tmp_path_factory.mktemp("encrypted"), "encrypted", control, agents, **pins)
    make_authority(project.directory / "certificates")
    for host in (*control, *agents):
        renew(project, host)
    with pytest.MonkeyPatch.context() as patched, removed_afterwards(project, control, agents):
        patched.setenv("REQUESTS_CA_BUNDLE", str(project.directory / "certificates/ca.pem"))
        project.deploy()
        run_tasks(live(project, control), agents)
        yield project


def renew(project: Project, host: Host, days: int = 30) -> None:
    directory = project.directory / "certificates"
    make_certificate(directory, [f"IP:{host.address}"], directory / host.address, days=days)


def at(stage: str | None) -> dict[str, str] | None:
    return {"stage": stage, "certificates": "certificates"} if stage else None


def cluster_of(encrypted: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster at the addresses of its stage."""
    cluster = live(encrypted, control)
    cluster.wait_until_serving(agents=len(agents))
    return cluster


def answers(url: str, scheme: str) -> bool:
    """Whether a member answers with this scheme. `https` also verifies its certificate."""
    try:
        return requests.get(f"{scheme}://{url}/health", timeout=10).status_code == 200
    except requests.RequestException:
        return False


def marathon_answers(address: str, scheme: str) -> bool:
    """Whether an instance of Marathon answers with this scheme. `https` also verifies its certificate."""
    port = 8443 if scheme == "https" else 8080
    try:
        return requests.get(f"{scheme}://{address}:{port}/v2/leader", timeout=10).status_code == 200
    except requests.RequestException:
        return False


def leader_or_standby(address: str) -> str:
    """The state of a master at any stage, for a poller."""
    for scheme in ("https", "http"):
        try:
            found = requests.get(f"{scheme}://{address}:5050/metrics/snapshot", timeout=2).json()
            return "leader" if found.get("master/elected") == 1 else "standby"
        except requests.RequestException:  # noqa: PERF203 (each is a request over the network)
            continue
    return "down"


def found_in(encrypted: Project, text: str) -> list[str]:
    """The files of the project, but those of certificates, in which a text is."""
    files = [path for path in encrypted.directory.rglob("*") if path.is_file() and "certificates" not in path.parts]
    return [str(path) for path in files if text.encode() in path.read_bytes()]


def test_a_cluster_gets_tls_and_loses_it_without_an_outage(
    encrypted: Project, control: list[Host], agents: list[Host], measured: Callable[[str], None]
) -> None:
    running, ids = tasks(agents), cluster_of(encrypted, control, agents).agent_ids()
    key = (encrypted.directory / "certificates" / control[0].address / "key.pem").read_text().splitlines()[1]
    for number, stage in enumerate(PATH):
        connect_string = live(encrypted, control).zookeeper_connect_string
        masters = {f"master {host.name}": lambda at=host.address: leader_or_standby(at) for host in control}
        with Writer(connect_string, f"/writer-tls-{number}") as writer, Poller(masters) as watched:
            encrypted.change(tls=at(stage))
            encrypted.deploy()
        measured(f"{stage or 'off'}: longest without a leading master {watched.longest_without_leader('master'):.1f} s")
        assert cluster_of(encrypted, control, agents).agent_ids() == ids
        assert writer.lost() == set()
        assert watched.fewest("master") >= 2
        assert tasks(agents) == running
        assert found_in(encrypted, key) == []
        assert key not in inspected([*control, *agents])
        for host in control:
            url = f"{host.address}:5050"
            assert (answers(url, "http"), answers(url, "https")) == (stage != "required", stage is not None)
        for host in agents:
            url = f"{host.address}:5051"
            assert (answers(url, "http"), answers(url, "https")) == (True, stage is not None)


def test_a_stage_that_is_skipped_is_refused_by_what_runs(
    encrypted: Project, control: list[Host], agents: list[Host]
) -> None:
    before = containers(encrypted, [*control, *agents])
    encrypted.change(tls=at("required"))
    code, output = encrypted.cdktf("synth")
    assert code != 0 and "tls skips a stage: 'off' is deployed, 'required' is wanted" in output
    # Without the states of this directory, only the preflight can know.
    with without_states(encrypted):
        code, output = encrypted.cdktf("deploy", "*", "--auto-approve", timeout=300)
    encrypted.change(tls=None)
    encrypted.deploy()
    assert code != 0 and "every_other_master_is_healthy" in output
    assert containers(encrypted, [*control, *agents]) == before


def test_certificates_are_renewed_by_a_roll_and_status_shows_when_they_end(
    encrypted: Project, control: list[Host], agents: list[Host]
) -> None:
    hosts, running = [*control, *agents], tasks(agents)
    encrypted.change(tls=at("used"))
    encrypted.deploy()
    renew(encrypted, agents[0], days=7)
    encrypted.deploy()
    found = json.loads(encrypted.operate("status", "--json", check=False).stdout)
    assert [text for text in found["problems"] if "its certificate ends in 6 d" in text]
    before = containers(encrypted, hosts)
    for host in hosts:
        renew(encrypted, host, days=60)
    encrypted.deploy()
    cluster_of(encrypted, control, agents)
    after = containers(encrypted, hosts)
    assert json.loads(encrypted.operate("status", "--json").stdout)["problems"] == []
    replaced = {where[1] for where, each in before.items() if after.get(where) != each}
    assert replaced == {"encrypted-master", "encrypted-marathon", "encrypted-agent-1"}
    assert tasks(agents) == running


def test_marathon_gets_https_and_loses_it_and_answers_but_for_elections(
    encrypted: Project, control: list[Host], agents: list[Host]
) -> None:
    """Between `used` and `required`, instances cannot forward to a leader of the other stage. The leader answers."""
    encrypted.change(tls=at("used"))
    encrypted.deploy()
    running = tasks(agents)

    def answering() -> str:
        found = [(host, scheme) for host in control for scheme in ("https", "http")]
        return "leader" if any(marathon_answers(host.address, scheme) for host, scheme in found) else "down"

    for stage in PATH:
        with Poller({"marathon": answering}) as watched:
            encrypted.change(marathon={"https": stage})
            encrypted.deploy()
        assert watched.longest_without_leader("marathon") < 60
        assert cluster_of(encrypted, control, agents).marathon.startswith("https:" if stage else "http:")
        for host in control:
            found = [marathon_answers(host.address, scheme) for scheme in ("http", "https")]
            assert found == [stage != "required", stage is not None]
        assert tasks(agents) == running
        assert json.loads(encrypted.operate("status", "--json").stdout)["problems"] == []


def test_marathons_https_is_not_required_before_it_is_used(encrypted: Project, control: list[Host]) -> None:
    before = containers(encrypted, control)
    encrypted.change(marathon={"https": "required"})
    code, output = encrypted.cdktf("synth")
    assert code != 0 and "https skips a stage: 'off' is deployed, 'required' is wanted" in output
    # Without the states of Marathon's members, only the preflight can know.
    with without_states(encrypted, "marathon"):
        code, output = encrypted.cdktf("deploy", "*", "--auto-approve", timeout=300)
    encrypted.change(marathon={"https": None})
    encrypted.deploy()
    assert code != 0 and "every_other_marathon_is_healthy" in output
    assert containers(encrypted, control) == before
