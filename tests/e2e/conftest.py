"""What the end-to-end tests share: hosts of the sandbox, and a real cluster on one, deployed by `cdktf deploy`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from sandbox import closed, hosts, images, lock, machine, paths
from sandbox.ec2.emulator import Ec2
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project

# Numbers of the tests' hosts. The demo, which may be up, has the first five. Then comes one host for the shared cluster
# (SHARED), from FIRST on one for clusters on a single machine and five for rolls (COUNT), and one for the control plane
# of a virtual machine (APART).
SHARED, FIRST, COUNT = 6, 7, 6
APART = FIRST + COUNT
# The number of the first virtual machine.
VIRTUAL = 9

PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


# The name of the recorded property with a test's measurement.
MEASURED = "measured"


# Test files of this folder that do not use the hosts of the fixture `machines`.
ELSEWHERE = (
    *("test_agents.py", "test_broken_candidates.py", "test_cdk_terrain.py", "test_cluster.py", "test_engines.py"),
    *("test_aws.py", "test_aws_roll.py", "test_cloud_init.py", "test_flags.py", "test_sandbox_ec2.py"),
    *("test_virtual_kinds.py", "test_virtual_machines.py", "test_haproxy.py"),
)

# The hosts that existed before the tests.
BEFORE = pytest.StashKey[list[Host]]()


class Parts(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each of three workers one part: the tests on the hosts of `machines`, all others on engines, and the rest.

    `--dist loadgroup` would do that, but pytest-xdist 3.8 does not see its marks under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        folder, _, file = nodeid.partition("::")[0].rpartition("/")
        if folder != "tests/e2e":
            return folder
        return "others" if file in ELSEWHERE else "hosts"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Parts:
    """Divide the tests into parts for `-n 3`."""
    return Parts(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tests' measurements."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for report in reports:
        if getattr(report, "when", None) == "teardown":
            for name, text in report.user_properties:
                if name == MEASURED:
                    terminalreporter.write_line(f"{report.nodeid}: {text}")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember which hosts exist."""
    session.config.stash[BEFORE] = hosts.existing()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the hosts that the tests have made, and the whole sandbox if no other host is left.

    Only pytest-xdist's controller does this, which waits for the workers.
    """
    if hasattr(session.config, "workerinput") or not paths.state().exists():
        return
    before = session.config.stash.get(BEFORE, [])
    own = {f"hs{number}" for number in range(SHARED, APART + 1)}
    own |= {f"vm{number}" for number in range(VIRTUAL, paths.MAX_VIRTUAL + 1)}
    for host in hosts.existing():
        if host.name in own and host not in before:
            with lock.held():
                hosts.remove(host.name)
    if not hosts.existing():
        hosts.down()


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Records a measurement: a line for the summary at the end of the run."""
    return partial(record_property, MEASURED)


@pytest.fixture(scope="session")
def machines() -> list[Host]:
    """Hosts, each with its own engine. Those that did not exist before are removed when all tests have run."""
    return _up(COUNT, FIRST)


@pytest.fixture(scope="session")
def host() -> Host:
    """The host of the shared cluster. Like `machines`, it is removed if it did not exist before."""
    return _up(1, SHARED)[0]


@pytest.fixture(scope="session")
def apart() -> Host:
    """A host that neither `machines` nor the shared cluster use. It is removed like them."""
    return _up(1, APART)[0]


def _up(count: int, first: int) -> list[Host]:
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    images.ensure()
    return hosts.up(count, first)


@pytest.fixture(scope="session")
def control(machines: list[Host]) -> list[Host]:
    """The three hosts of a control plane."""
    return machines[1:4]


@pytest.fixture(scope="session")
def agents(machines: list[Host]) -> list[Host]:
    """The two hosts of its agents."""
    return machines[4:6]


@pytest.fixture(scope="session")
def project(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the shared cluster. A container has 45 s to become healthy, to keep broken candidates short."""
    directory = tmp_path_factory.mktemp("project")
    return Project(
        directory,
        name="e2e",
        platform={"engine": host.engine, "address": host.address},
        wait_seconds=45,
        agents={"cpus": 1, "mem_mib": 512, "disk_mib": 1024},
        zookeeper={
            "settings": {"4lw.commands.whitelist": "stat"},
            "java_properties": {"jute.maxbuffer": 4 * 1024**2},
        },
        **closed.security(directory),
        **PINS,
    )


@pytest.fixture(scope="session")
def deployed(project: Project) -> LiveCluster:
    """The shared cluster, deployed once."""
    project.deploy()
    return LiveCluster(project.outputs())


@pytest.fixture
def cluster(project: Project, deployed: LiveCluster) -> LiveCluster:
    """The shared cluster, serving, with an app that runs one task."""
    deployed.wait_until_serving(agents=1)
    if "/web" not in deployed.apps():
        deployed.run_app("web", image="busybox:1.35.0", command="exec sleep 100000")
    deployed.wait_for_tasks("web")
    return deployed


@pytest.fixture(scope="module")
def ec2() -> Iterator[Ec2]:
    """An emulated AWS for one test file. All its instances are removed at the end."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    images.ensure()
    with Ec2(open_to_machine=True) as ec2:
        yield ec2
