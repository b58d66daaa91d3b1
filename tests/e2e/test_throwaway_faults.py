"""Throwaway clusters when things go wrong: many of them, killed test runs, engines that restart, full disks."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from sandbox import provider
from sandbox.hosts import Host
from sandbox.live import eventually
from sandbox.process import run
from tests.e2e.throwaway import SECONDS, Command, commands, containers, images_of, left_on

pytestmark = pytest.mark.full

# A framework's test: it says that its cluster is up, and goes on when the file $GO is there.
TEST = """
import os, time

def test_it(mesos_cluster):
    print("is up", flush=True)
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.1)
    assert mesos_cluster.wait_for(lambda: mesos_cluster.state()["activated_slaves"] == 1)
"""


@pytest.fixture
def host(machines: list[Host]) -> Iterator[Host]:
    """A host; its faults are undone at the end."""
    yield machines[0]
    machines[0].end_faults()


@pytest.fixture
def command(host: Host, tmp_path: Path) -> Iterator[Command]:
    """The command; all its clusters are removed at the end, and nothing may be left."""
    with commands(host, tmp_path) as command:
        yield command


class TestRun:
    """Runs of pytest with one test that has the fixture `mesos_cluster`."""

    __test__ = False

    def __init__(self, command: Command, directory: Path) -> None:
        self.go, self._output = directory / "go", directory / "output"
        self._directory = directory / "tests"
        self._directory.mkdir()
        (self._directory / "test_framework.py").write_text(TEST)
        python, *_ = command.words
        self._words = [python, "-m", "pytest", "-s", "-p", "cdktf_mesos.testing.plugin", f"--rootdir={self._directory}"]
        self._words += ["--mesos-address", command.host.address, str(self._directory)]
        self._environment = {**command.environment, "GO": str(self.go)}

    def start(self) -> subprocess.Popen[bytes]:
        """Start a run; returns when its cluster is up."""
        with self._output.open("wb") as output:
            process = subprocess.Popen(self._words, env=self._environment, stdout=output, stderr=output)
        eventually(lambda: "is up" in self.output() or process.poll() is not None, "the cluster is up", SECONDS)
        return process

    def output(self) -> str:
        return self._output.read_text()


@pytest.fixture
def tests(command: Command, tmp_path: Path) -> TestRun:
    return TestRun(command, tmp_path)


def masters_of_tests(host: Host) -> list[str]:
    """The containers of the masters that runs of pytest have."""
    return [name for name in containers(host) if name.startswith("pytest-") and name.endswith("-master")]


def fill(path: Path) -> None:
    """Write to a file until its disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def seconds_of(what: Callable[[], object]) -> float:
    start = time.monotonic()
    what()
    return time.monotonic() - start


def memory_of(host: Host, cluster: str) -> dict[str, float]:
    """MiB that each container of a cluster uses."""
    client = host.docker()
    found = {}
    for name in containers(host):
        if name.startswith(f"{cluster}-"):
            used = client.api.stats(name, stream=False)["memory_stats"]
            found[name] = (used["usage"] - used["stats"].get("total_inactive_file", 0)) / 2**20
    client.close()
    return found


def test_ten_clusters_one_after_another_leave_nothing(
    command: Command, host: Host, measured: Callable[[str], None]
) -> None:
    before, left = containers(host), left_on(host)
    times = []
    for number in range(10):
        name = f"c{number}"
        times.append(seconds_of(lambda name=name: command.up(name)))  # type: ignore[misc]
        assert command.agents(name) == 1
        if number == 0:
            images = images_of(host)
        times.append(seconds_of(lambda name=name: command.run("down", "--name", name)))  # type: ignore[misc]
        assert (containers(host), left_on(host)) == (before, left)
    assert images_of(host) == images
    assert [path.name for path in (command.state / "cdktf-mesos/throwaway").iterdir()] == ["ports.json"]
    again = seconds_of(lambda: command.up(name))
    memory = ", ".join(f"{member} {mib:.0f}" for member, mib in memory_of(host, name).items())
    command.run("down", "--name", name)
    ups, downs = times[2::2], times[1::2]
    measured(f"nine of ten clusters, images present: up {min(ups):.1f} to {max(ups):.1f} s, down {max(downs):.1f} s")
    measured(f"a cluster of the same name again: up {again:.1f} s; MiB of memory: {memory}")


def test_three_clusters_start_and_end_side_by_side(command: Command, host: Host) -> None:
    before, left = containers(host), left_on(host)
    names = ["one", "two", "three"]
    with ThreadPoolExecutor(len(names)) as pool:
        clusters = list(pool.map(command.up, names))
        assert len({cluster["master"] for cluster in clusters}) == len(names)
        assert [command.agents(name) for name in names] == [1, 1, 1]
        list(pool.map(lambda name: command.run("down", "--name", name), names))
    assert (containers(host), left_on(host)) == (before, left)


def test_what_a_killed_run_of_pytest_leaves_the_next_one_removes(command: Command, host: Host, tests: TestRun) -> None:
    killed = tests.start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (master,) = masters_of_tests(host)
    tests.go.touch()
    again = tests.start()
    assert again.wait(SECONDS) == 0, tests.output()
    assert f"removed container {master}" in tests.output()
    assert master not in containers(host)


def test_what_a_killed_run_of_pytest_leaves_down_removes(command: Command, host: Host, tests: TestRun) -> None:
    killed = tests.start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (master,) = masters_of_tests(host)
    assert f"removed container {master}" in command.run("down", "--all").stderr


def test_a_test_goes_on_after_a_restart_of_the_engine(host: Host, tests: TestRun) -> None:
    running = tests.start()
    host.engine_stop()
    host.engine_start()
    tests.go.touch()
    assert running.wait(SECONDS) == 0, tests.output()


def test_a_start_that_an_engine_interrupts_is_removed_by_the_next_one(command: Command, host: Host) -> None:
    words = [*command.words, "up", "--name", "one", "--address", host.address, "--timeout", "10"]
    with subprocess.Popen(words, env=command.environment, stderr=subprocess.PIPE, text=True) as interrupted:
        eventually(lambda: "one-zookeeper" in containers(host), "the first container", SECONDS)
        host.engine_stop()
        _, error = interrupted.communicate(timeout=SECONDS)
    assert interrupted.returncode == 1, error
    host.engine_start()
    done = command.run("up", "--name", "one", "--address", host.address)
    assert "removed container one-zookeeper" in done.stderr
    assert command.agents("one") == 1


def test_a_start_on_a_full_disk_fails_and_the_next_one_works(command: Command, host: Host) -> None:
    # The first one pulls the images; there may be no directory for clusters yet.
    command.up("one")
    command.run("down", "--name", "one")
    try:
        host.disk_full()
    except RuntimeError as problem:
        pytest.skip(str(problem))
    words = ["up", "--name", "one", "--address", host.address]
    failed = command.attempt(*words, "--timeout", "20")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    left = [name for name in containers(host) if name.startswith("one-")]
    host.disk_free()
    done = command.run(*words)
    assert {f"removed container {name}" for name in left} <= set(done.stderr.splitlines())
    assert command.agents("one") == 1


def test_a_cluster_is_removed_while_the_disk_with_its_data_is_full(command: Command, host: Host) -> None:
    command.up("one")
    try:
        host.disk_full()
    except RuntimeError as problem:
        pytest.skip(str(problem))
    assert "removed directory /var/lib/cdktf-mesos/throwaway/one" in command.run("down", "--name", "one").stderr


def test_a_full_disk_with_the_states_is_an_error_and_does_not_keep_a_cluster(command: Command) -> None:
    command.state.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", command.state)
    filler = command.state / "filler"
    try:
        fill(filler)
        failed = command.attempt("up", "--name", "one", "--address", command.host.address)
        assert (failed.returncode, "No space left on device" in failed.stderr) == (1, True), failed.stderr
        assert "Traceback" not in failed.stderr
        filler.unlink()
        command.up("one")
        fill(filler)
        assert "removed container one-master" in command.run("down", "--name", "one").stderr
        filler.unlink()
        command.up("one")
        command.run("down", "--name", "one")
    finally:
        run("umount", "--lazy", command.state)


def test_a_member_that_is_cut_off_lives_and_comes_back(command: Command, host: Host) -> None:
    cluster = command.up("one")
    agent = json.loads(command.run("info", "--name", "one", "--json").stdout)["agents"][0]
    command.run("partition", "agent-1", "--name", "one")
    with pytest.raises(requests.ConnectTimeout):
        requests.get(f"{agent}/health", timeout=3)
    # The master gives an agent up after 75 s.
    eventually(lambda: command.agents("one") == 0, "the master gives the agent up", SECONDS)
    client = host.docker()
    assert client.containers.get("one-agent-1").attrs["State"]["Status"] == "running"
    client.close()
    command.run("resume", "agent-1", "--name", "one")
    eventually(lambda: command.agents("one") == 1, "the agent is back", SECONDS)
    command.run("partition", "master", "--name", "one")
    with pytest.raises(requests.ConnectTimeout):
        requests.get(f"{cluster['master']}/state", timeout=3)
    # The master loses its session with ZooKeeper, ends and is started again. It stays cut off.
    eventually(lambda: restarts(host, "one-master") > 0, "the master ends", SECONDS)
    with pytest.raises(requests.ConnectTimeout):
        requests.get(f"{cluster['master']}/state", timeout=3)
    # The filters go with the cluster, as the fixture sees.
    assert "removed packet filters of one-master" in command.run("down", "--name", "one").stderr


def restarts(host: Host, name: str) -> int:
    client = host.docker()
    try:
        return int(client.containers.get(name).attrs["RestartCount"])
    finally:
        client.close()


def test_a_cluster_is_removed_whose_members_are_killed_frozen_and_cut_off(command: Command) -> None:
    command.up("one", "--agents", "3")
    for fault, member in (("kill", "agent-1"), ("pause", "agent-2"), ("partition", "agent-3"), ("pause", "zookeeper")):
        command.run(fault, member, "--name", "one")
    removed = command.run("down", "--name", "one").stderr.splitlines()
    assert {f"removed container one-{name}" for name in ("agent-1", "agent-2", "agent-3", "zookeeper")} <= set(removed)


def test_opentofu_starts_upgrades_and_removes_a_cluster_without_terraform(host: Host, tmp_path: Path) -> None:
    tofu = provider.opentofu()
    with commands(host, tmp_path, {"TERRAFORM_BINARY_NAME": str(tofu)}) as command:
        command.up("one", "--mesos", "1.10.0")
        command.run("upgrade", "--name", "one", "--mesos", "1.11.0")
        assert json.loads(command.run("state", "--name", "one").stdout)["version"] == "1.11.0"
        used = [path.name for path in Path(command.environment["XDG_CACHE_HOME"], "cdktf-mesos/throwaway").iterdir()]
        assert any(name.startswith(f"{tofu.name}-") for name in used)
