"""A cluster on five machines is closed in stages, and opened again, under a writer and tasks, with the real Mesos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.security import Permissions  # type: ignore[import-untyped]

from cdktf_mesos.security.directory import PRINCIPALS, make_secrets
from sandbox.hosts import Host
from sandbox.live import LiveCluster, Login
from sandbox.planted import in_files, in_logs
from sandbox.project import Project
from sandbox.static import (
    PATIENCE,
    containers,
    inspected,
    live,
    poller,
    removed_afterwards,
    run_tasks,
    static_project,
    tasks,
    without_states,
)
from sandbox.watch import Writer
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

# Forth and back; None is the open cluster.
PATH = ("prepared", "used", "required", "used", "prepared", None)

# End points, and whether a login is needed at `required`. `/health` answers everybody.
MASTER = ("/metrics/snapshot", "/state", "/flags", "/slaves", "/frameworks", "/api/v1", "/teardown", "/health")
MARATHON = ("/ping", "/metrics", "/v2/leader", "/v2/info", "/v2/apps")
AGENT = ("/metrics/snapshot", "/state", "/flags", "/containers", "/monitor/statistics", "/api/v1", "/health")
OPEN = ("/health",)
CHANGE = ("/api/v1", "/teardown")


@pytest.fixture(scope="module", params=["1.7.1", "1.9.0", "1.11.0"])
def closing(
    request: pytest.FixtureRequest, control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """An open cluster with a directory of secrets."""
    pins = {**PINS, "mesos_version": request.param}
    project = static_project(tmp_path_factory.mktemp("closing"), "closing", control, agents, **pins)
    make_secrets(project.directory / "secrets")
    # From the first day on: masters that know Marathon without a principal take no other.
    project.change(marathon={"principal": "marathon"})
    # An agent with a wrong secret is away until the next deploy. By default masters remove it after 75 s, and Marathon
    # starts its tasks elsewhere.
    project.change(masters={"flags": {"max_agent_ping_timeouts": 20}})
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def login(closing: Project) -> Login:
    return "operator", (closing.directory / "secrets/operator").read_text()


@pytest.fixture
def cluster(closing: Project, control: list[Host], agents: list[Host], login: Login) -> LiveCluster:
    return run_tasks(live(closing, control, login), agents)


def at(stage: str | None) -> dict[str, str] | None:
    return {"stage": stage, "secrets": "secrets"} if stage else None


def status(url: str, login: Login | None) -> int:
    ask = requests.post if url.endswith(CHANGE) else requests.get
    return ask(url, timeout=10, auth=login, allow_redirects=False).status_code


def answers(control: list[Host], agents: list[Host], login: Login) -> dict[str, tuple[int, int, int]]:
    """For each end point the status without a login, with a wrong secret and with the operator's."""
    urls = [f"http://{host.address}:5050{path}" for host in control for path in MASTER]
    urls += [f"http://{host.address}:5051{path}" for host in agents for path in AGENT]
    urls += [f"http://{host.address}:8080{path}" for host in control for path in MARATHON]
    wrong = (login[0], "wrong")
    return {url: (status(url, None), status(url, wrong), status(url, login)) for url in urls}


def closed_znodes(closing: Project, servers: str) -> bool:
    """Whether strangers may change neither the masters' nor Marathon's znodes."""
    login = f"zookeeper:{(closing.directory / 'secrets/zookeeper').read_text()}"
    client = KazooClient(servers, auth_data=[("digest", login)])
    client.start()
    acls = [acl for path in ("/mesos", "/mesos/log_replicas", "/marathon") for acl in client.get_acls(path)[0]]
    client.stop()
    client.close()
    strangers = [acl.perms for acl in acls if acl.id.scheme == "world"]
    assert set(strangers) in ({Permissions.ALL}, {Permissions.READ})
    return strangers == [Permissions.READ, Permissions.READ]


def secrets_of(closing: Project) -> dict[str, str]:
    """The secrets by their files' names, and the logins that HTTP sends, which have them in base64."""
    directory = closing.directory / "secrets"
    files = [*(directory / name for name in PRINCIPALS), *directory.glob("rendered/*login-*")]
    return {path.name: path.read_text() for path in files}


def planted(closing: Project, hosts: list[Host], backup: Path) -> set[tuple[str, str]]:
    """The secrets that are in a file, a plan or an archive of the project, in `docker inspect` or in a log."""
    directory, secrets = closing.directory / "secrets", secrets_of(closing)
    closing.operate("backup", str(backup))
    files = [path for path in closing.directory.rglob("*") if path.is_file() and directory not in path.parents]
    text = inspected(hosts)
    return {
        *in_files(secrets, [*files, backup]),
        *in_logs(secrets, hosts),
        *((name, "docker inspect") for name, secret in secrets.items() if secret in text),
    }


def test_a_cluster_is_closed_and_opened_without_an_outage(
    closing: Project,
    cluster: LiveCluster,
    control: list[Host],
    agents: list[Host],
    login: Login,
    tmp_path: Path,
    measured: Callable[[str], None],
) -> None:
    running, ids = tasks(agents), cluster.agent_ids()
    for number, stage in enumerate(PATH):
        with (
            Writer(cluster.zookeeper_connect_string, f"/writer-{number}") as writer,
            poller(control, agents, login) as watched,
        ):
            closing.change(security=at(stage))
            closing.deploy()
            cluster.wait_until_serving(agents=len(agents))
        leaderless = watched.longest_without_leader("master")
        measured(f"{stage or 'open'}: {len(writer.acknowledged)} writes, longest without a leader {leaderless:.1f} s")
        assert writer.lost() == set()
        assert watched.fewest("master") >= 2
        assert leaderless < PATIENCE
        assert tasks(agents) == running
        assert cluster.agent_ids() == ids
        found = planted(closing, [*control, *agents], tmp_path / f"{number}.tar.gz")
        # Marathon logs its own command, with ZooKeeper's password (docs/security-marathon.md).
        assert found <= {("zookeeper", "closing-marathon")}
        assert closed_znodes(closing, cluster.zookeeper_connect_string) == (stage == "required")
        for url, (none, wrong, right) in answers(control, agents, login).items():
            closed = stage == "required" and not url.endswith(OPEN)
            assert (none == 401, wrong == 401, right == 401) == (closed, closed, False), url


def test_a_stage_that_is_skipped_is_refused_by_what_runs(
    closing: Project, cluster: LiveCluster, control: list[Host], agents: list[Host]
) -> None:
    before = containers(closing, [*control, *agents])
    closing.change(security=at("required"))
    code, output = closing.cdktf("synth")
    assert code != 0 and "security skips a stage: 'open' is deployed, 'required' is wanted" in output
    # Without the states of this directory, only the preflight can know.
    with without_states(closing):
        code, output = closing.cdktf("deploy", "*", "--auto-approve", timeout=300)
    closing.change(security=None)
    closing.deploy()
    assert code != 0 and "every_other_master_is_healthy" in output
    assert containers(closing, [*control, *agents]) == before


def test_a_wrong_secret_in_one_place_stops_the_roll_at_its_first_host(
    closing: Project, cluster: LiveCluster, control: list[Host], agents: list[Host], login: Login
) -> None:
    running = tasks(agents)
    for stage in ("prepared", "used"):
        closing.change(security=at(stage))
        closing.deploy()
    before = containers(closing, [*control, *agents])
    # An operator with another directory deploys only the agents.
    own = closing.directory / "secrets/agent"
    right = own.read_text()
    own.write_text("w" * 40)
    stacks = f"closing-2-agent-{agents[0].name}-*"
    code, _ = closing.cdktf("deploy", stacks, "--ignore-missing-stack-dependencies", "--auto-approve", timeout=300)
    after = containers(closing, [*control, *agents])
    own.write_text(right)
    closing.deploy()
    cluster.wait_until_serving(agents=len(agents))
    assert code != 0
    assert {where for where in before if after.get(where) != before[where]} == {(agents[0].name, "closing-agent-1")}
    assert tasks(agents) == running
