"""How an agent adapts to its host. The programs of the image are stand-ins that write down how they are called."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from cdktf_mesos.mesos.agent import cgroups, survival
from cdktf_mesos.mesos.configuration import FlagValue

# The numbers of the file systems at /sys/fs/cgroup (Linux, include/uapi/linux/magic.h): tmpfs with v1, cgroup2 with v2.
V1, V2 = "1021994", "63677270"

CGROUPS_V1 = "cgroups/cpu,cgroups/mem,cgroups/devices"


class Container:
    """An agent's container: its programs, and what they were called with.

    Args:
        folder: a folder for all of it.
        cgroup: the number of the file system at /sys/fs/cgroup.
    """

    def __init__(self, folder: Path, cgroup: str) -> None:
        self._folder, self.own = folder, folder / "own"
        self._path = f"{folder}/bin:{os.environ['PATH']}"
        self.calls = folder / "calls"
        self.calls.touch()
        (folder / "bin").mkdir()
        self.program("stat", f"echo {cgroup}")
        for name in ("mount", "umount", "docker"):
            self.program(name, f'echo "{name} $*" >> {self.calls}')
        self.program("agent", "env")

    def program(self, name: str, *lines: str) -> Path:
        path = self._folder / "bin" / name
        path.write_text("\n".join(["#!/bin/bash", *lines, ""]))
        path.chmod(0o755)
        return path

    def start(
        self,
        *program: str,
        isolation: str | None = None,
        flags: Mapping[str, FlagValue] | None = None,
        containerizers: str = "docker,mesos",
    ) -> subprocess.CompletedProcess[str]:
        """Run the entrypoint, as the container of a pool with these settings does."""
        words = survival.entrypoint(
            str(self._folder / "work"),
            "5mins",
            None,
            variables_on_v2=cgroups.variables_on_v2(isolation, flags or {}),
            needs_v1=cgroups.needs_v1(isolation, flags or {}),
        )
        paths = {survival.RECORD: str(self._folder / "before"), survival.OWN: str(self.own)}
        environment = {
            "PATH": self._path,
            "MESOS_CONTAINERIZERS": containerizers,
            "MESOS_ISOLATION": isolation or CGROUPS_V1,
        }
        return subprocess.run(
            [*(paths.get(word, word) for word in words), *(program or ("agent",))],
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def docker(self, *words: str) -> None:
        """Call docker as the agent does."""
        subprocess.run([self.own / "bin/docker", *words], env={"PATH": self._path}, timeout=20, check=True)

    def variables(self, **settings: str) -> dict[str, str]:
        """The variables that the agent gets."""
        started = self.start(**settings)  # type: ignore[arg-type]
        assert started.returncode == 0, started.stderr
        return dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)


def test_on_cgroup_v1_only_the_docker_command_is_another_one(tmp_path: Path) -> None:
    container = Container(tmp_path, V1)
    variables = container.variables()
    assert variables["MESOS_ISOLATION"] == CGROUPS_V1
    assert "MESOS_LAUNCHER" not in variables
    assert variables["PATH"].startswith(f"{container.own}/bin:")
    assert container.calls.read_text() == ""


def test_on_cgroup_v2_the_agent_gets_another_launcher_and_isolation(tmp_path: Path) -> None:
    variables = Container(tmp_path, V2).variables()
    assert variables["MESOS_LAUNCHER"] == "posix"
    assert variables["MESOS_ISOLATION"] == "posix/cpu,posix/mem"


@pytest.mark.parametrize(
    ("cgroup", "beginning"),
    [
        (V1, f"cgroup v1: isolation {CGROUPS_V1}; docker is "),
        (V2, "cgroup v2: launcher posix, isolation posix/cpu,posix/mem; Docker tasks keep their limits, but "),
    ],
)
def test_the_log_says_in_one_line_what_was_done(tmp_path: Path, cgroup: str, beginning: str) -> None:
    lines = Container(tmp_path, cgroup).start().stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"cdktf-mesos: {beginning}")
    assert lines[0].endswith(f"docker is {tmp_path}/bin/docker")


def test_on_cgroup_v2_an_entry_in_the_mount_table_is_hidden(tmp_path: Path) -> None:
    container = Container(tmp_path, V2)
    container.start()
    entry = container.own / "cgroup"
    assert container.calls.read_text().splitlines() == [
        f"mount -t cgroup -o none,name=cdktf-mesos cgroup {entry}/entry",
        f"mount -t tmpfs tmpfs {entry}",
    ]


def test_the_first_call_of_docker_removes_the_entry_again(tmp_path: Path) -> None:
    container = Container(tmp_path, V2)
    # A tmpfs is gone after umount, and so are its files.
    container.program("umount", f'echo "umount $*" >> {container.calls}', 'rm -f "$1/hidden"')
    container.start()
    container.calls.write_text("")
    for _ in range(2):
        container.docker("-H", "unix:///s", "--version")
    entry = container.own / "cgroup"
    assert container.calls.read_text().splitlines() == [
        f"umount {entry}",
        f"umount {entry}/entry",
        *2 * ["docker -H unix:///s --version"],
    ]


def test_without_docker_tasks_no_entry_is_needed(tmp_path: Path) -> None:
    container = Container(tmp_path, V2)
    assert container.variables(containerizers="mesos")["MESOS_LAUNCHER"] == "posix"
    assert container.calls.read_text() == ""


def test_an_agent_does_not_start_where_the_entry_cannot_be_made(tmp_path: Path) -> None:
    container = Container(tmp_path, V2)
    container.program("mount", "echo 'mount: permission denied' >&2", "exit 32")
    started = container.start()
    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.strip().endswith("failed: mount: permission denied")


@pytest.mark.parametrize(
    ("isolation", "flags", "needs"),
    [
        ("cgroups/mem", {}, "isolation=cgroups/mem"),
        ("posix/cpu,cgroups/mem,disk/du,namespaces/pid", {}, "isolation=cgroups/mem,namespaces/pid"),
        ("filesystem/linux,docker/runtime", {}, "isolation=filesystem/linux"),
        ("posix/cpu", {"launcher": "linux"}, "launcher=linux"),
        (None, {"agent_subsystems": "cpu,memory"}, "agent_subsystems=cpu,memory"),
        (None, {"docker": "/opt/docker"}, "docker=/opt/docker"),
    ],
)
def test_what_needs_cgroup_v1_is_refused_on_v2(
    tmp_path: Path, isolation: str | None, flags: dict[str, FlagValue], needs: str
) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    assert Container(tmp_path / "1", V1).start(isolation=isolation, flags=flags).returncode == 0
    started = Container(tmp_path / "2", V2).start(isolation=isolation, flags=flags)
    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.startswith(f"cdktf-mesos: this host has cgroup v2, and {needs} needs cgroup v1. ")


def test_isolation_without_cgroups_stays_as_it_is_set(tmp_path: Path) -> None:
    isolation = "posix/cpu,posix/mem,disk/du"
    assert Container(tmp_path, V2).variables(isolation=isolation)["MESOS_ISOLATION"] == isolation


def test_a_launcher_that_is_set_gets_no_second_value(tmp_path: Path) -> None:
    container = Container(tmp_path, V2)
    started = container.start(isolation="posix/cpu", flags={"launcher": "posix"})
    assert started.returncode == 0
    assert "MESOS_LAUNCHER" not in started.stdout


def docker(container: Container, *words: str) -> str:
    """What the real docker command is called with when the agent calls docker with these words."""
    container.start()
    container.calls.write_text("")
    container.docker(*words)
    return container.calls.read_text().rstrip("\n")


@pytest.mark.parametrize("words", [["-H", "unix:///s", "inspect", "a/b:1"], ["inspect", "r:5000/b@sha256:0"]])
def test_an_image_is_inspected_in_a_form_that_every_engine_gives(tmp_path: Path, words: list[str]) -> None:
    called = docker(Container(tmp_path, V1), *words)
    start, form, image = called.partition(" --format ")[0], *called.partition(" --format ")[2].rsplit(" ", 1)
    assert [start, image] == [f"docker {' '.join(words[:-1])}", words[-1]]
    answer = form.replace("{{json .Config.Entrypoint}}", '["/x"]').replace("{{json .Config.Env}}", "null")
    values = {"Entrypoint": ["/x"], "Env": None}
    assert json.loads(answer) == [{"ContainerConfig": values, "Config": values}]


@pytest.mark.parametrize(
    "words",
    [
        ["-H", "unix:///s", "inspect", "mesos-6f0f9c8e-1b3a-4a0d-9d6e-1c2b3a4d5e6f.executor"],
        ["-H", "unix:///s", "ps", "-a"],
        ["-H", "unix:///s", "pull", "a/b:1"],
        ["-H", "unix:///s", "run", "a/b:1", "inspect", "c:1"],
        ["run", "a/b:1", "inspect", "c:1"],
        ["--version"],
    ],
)
def test_all_other_calls_of_docker_stay_as_they_are(tmp_path: Path, words: list[str]) -> None:
    assert docker(Container(tmp_path, V1), *words) == f"docker {' '.join(words)}"


def test_a_container_that_is_started_again_has_the_same_docker_command(tmp_path: Path) -> None:
    container = Container(tmp_path, V1)
    first = container.start()
    again = container.start()
    assert again.stderr == first.stderr
    assert docker(container, "--version") == "docker --version"


def test_an_image_without_a_docker_command_has_none_in_front(tmp_path: Path) -> None:
    container = Container(tmp_path, V1)
    (tmp_path / "bin/docker").unlink()
    for name in ("bash", "mkdir", "mv", "rm", "cat", "env", "readlink", "basename"):
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    environment = {"PATH": f"{tmp_path}/bin"}
    words = survival.entrypoint(str(tmp_path / "work"), "5mins", None, variables_on_v2="", needs_v1="")
    paths = {survival.RECORD: str(tmp_path / "before"), survival.OWN: str(container.own)}
    started = subprocess.run(
        [paths.get(word, word) for word in [*words, "agent"]],
        env={**environment, "MESOS_ISOLATION": CGROUPS_V1},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert started.stderr == f"cdktf-mesos: cgroup v1: isolation {CGROUPS_V1}; docker is missing\n"
    assert not (container.own / "bin/docker").exists()
