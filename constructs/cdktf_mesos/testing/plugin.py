"""The fixture `mesos_cluster`, its options, and the members' logs in the report of a test that failed.

pytest loads this at each start where the package is installed, so all else is imported only when a cluster is needed.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Literal, get_args

import pytest

if TYPE_CHECKING:
    from cdktf_mesos.testing.cluster import MesosCluster

_Scope = Literal["session", "package", "module", "class", "function"]

_FIXTURE = "mesos_cluster"

# How much of each log the report of a failed test has.
_LOG_LINES = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("mesos", "clusters of Mesos (cdktf-mesos)")
    group.addoption(
        "--mesos-versions", metavar="VERSIONS", help="run each test with mesos_cluster on these: 1.10.0,1.11.0"
    )
    group.addoption("--mesos-agents", type=int, default=1, metavar="NUMBER", help="how many agents")
    group.addoption("--mesos-attributes", action="append", metavar="TEXT", help="attributes, which agents take in turn")
    group.addoption("--mesos-master-flag", action="append", metavar="NAME=VALUE", help="a flag of the master")
    group.addoption("--mesos-agent-flag", action="append", metavar="NAME=VALUE", help="a flag of all agents")
    group.addoption("--mesos-marathon", metavar="VERSION", help="also start Marathon, of this version")
    group.addoption("--mesos-address", metavar="IP", help="where members listen")
    group.addoption(
        "--mesos-scope",
        choices=get_args(_Scope),
        default="session",
        help="how long tests share a cluster",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the fixture once on each version."""
    if _FIXTURE in metafunc.fixturenames and (given := metafunc.config.getoption("--mesos-versions")):
        metafunc.parametrize(_FIXTURE, given.split(","), indirect=True)


def _scope(fixture_name: str, config: pytest.Config) -> _Scope:
    scope: _Scope = config.getoption("--mesos-scope")
    return scope


@pytest.fixture(scope=_scope)
def mesos_cluster(request: pytest.FixtureRequest) -> Iterator[MesosCluster]:
    """A cluster of its own for each worker of pytest-xdist, removed at the end of its scope.

    If this process is killed, the next run of the same tests removes what it has left.
    """
    from cdktf_mesos.testing.cluster import running_cluster

    options = {
        "--mesos": getattr(request, "param", None),
        "--agents": str(request.config.getoption("--mesos-agents")),
        "--marathon": request.config.getoption("--mesos-marathon"),
        "--address": request.config.getoption("--mesos-address"),
    }
    words = [word for option, value in options.items() if value for word in (option, value)]
    for option in ("attributes", "master-flag", "agent-flag"):
        words += [f"--{option}={value}" for value in request.config.getoption(f"--mesos-{option}") or ()]
    # The same in the next run, so that it finds what this one has left.
    project = f"{zlib.crc32(str(request.config.rootpath).encode()):08x}"
    name = f"pytest-{project}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with running_cluster(name, words) as cluster:
        yield cluster


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the end of each member's log to the report of a test that failed."""
    report = yield
    cluster = getattr(item, "funcargs", {}).get(_FIXTURE)
    if report.failed and cluster:
        for member in cluster.members:
            # The cluster's own trouble must not hide that of the test.
            with contextlib.suppress(RuntimeError):
                lines = cluster.logs(member).splitlines()[-_LOG_LINES:]
                report.sections.append((f"log of {member}", "\n".join(lines)))
    return report
