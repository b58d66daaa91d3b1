"""What the machine check finds about cgroups and docker commands. The machine's own commands are stand-ins here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, MachineCheck, MesosAgentPool, MesosMasterSet
from cdktf_mesos.cdk import TerraformStack
from tests.unit.conftest import Synth
from tests.unit.roll.test_machine_check import Machine

# The number of the file system of cgroup v2 (Linux, include/uapi/linux/magic.h).
V2 = "63677270"

AGENTS = "agents mesosphere/mesos-slave:1.7.1 /var/run/docker.sock -"
EXECUTORS = "executors mesosphere/mesos:1.7.1 /var/run/docker.sock -"
TOO_OLD = (
    "Error response from daemon: client version 1.39 is too old. Minimum supported API version is 1.44, please upgrade "
    "your client to a newer version"
)
LESS = (
    "a1 (127.0.0.1): cgroups have version 2, so Docker tasks have no usage statistics, and command tasks have no "
    "limits and end with their agent's container"
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def on_v2(machine: Machine) -> None:
    """Give the machine only cgroups of version 2."""
    for hierarchy in ("memory", "cpu"):
        (machine.root / "sys/fs/cgroup" / hierarchy).rmdir()
    machine.program("stat", f"echo {V2}")


def test_cgroups_of_version_2_pass_and_the_log_says_what_is_lost(machine: Machine) -> None:
    on_v2(machine)
    assert machine.check() == (0, [LESS])


def test_members_that_know_cgroups_of_version_2_lose_nothing(machine: Machine) -> None:
    on_v2(machine)
    assert machine.check(NEEDS_CGROUP="2 Clusterd") == (0, [])


def test_a_machine_without_cgroups_for_memory_and_cpu_is_refused(machine: Machine) -> None:
    (machine.root / "sys/fs/cgroup/memory").rmdir()
    code, lines = machine.check()
    assert code == 1
    assert lines == [
        "a1 (127.0.0.1): cgroups: found none for memory and cpu, wanted version 1 with both, or version 2: mount them, "
        "as systemd does"
    ]


@pytest.mark.parametrize("what", ["isolation=cgroups/mem and launcher=linux", "Docker tasks of Mesos 1.4.0"])
def test_what_needs_cgroups_of_version_1_is_refused_on_version_2(machine: Machine, what: str) -> None:
    assert machine.check(NEEDS_CGROUP=f"1 {what}") == (0, [])
    on_v2(machine)
    code, lines = machine.check(NEEDS_CGROUP=f"1 {what}")
    assert code == 1
    assert lines[0] == (
        f"a1 (127.0.0.1): cgroups: found version 2, wanted version 1 for {what}: do without it, or set the kernel "
        "argument systemd.unified_cgroup_hierarchy=0 (for systemd up to 255) and reboot"
    )


def test_what_needs_cgroups_of_version_2_is_refused_on_version_1(machine: Machine) -> None:
    code, (line,) = machine.check(NEEDS_CGROUP="2 Clusterd")
    assert code == 1
    assert line.startswith("a1 (127.0.0.1): cgroups: found version 1, wanted version 2 for Clusterd: remove the kernel")


def test_an_engine_that_accepts_both_docker_commands_passes(machine: Machine) -> None:
    machine.docker("29.0.0 1.52")
    machine.program("docker-run", "echo 29.0.0")
    assert machine.check(DOCKER_COMMANDS=f"{AGENTS}\n{EXECUTORS}") == (0, [])


def test_a_docker_command_runs_in_its_image_as_its_users_run_it(machine: Machine, tmp_path: Path) -> None:
    machine.docker("26.1.5 1.45")
    machine.program("docker-run", f'echo "$*" >> {tmp_path}/runs', "echo 26.1.5")
    machine.check(DOCKER_COMMANDS=f"{AGENTS.rstrip('-')}/opt/docker\n{EXECUTORS}")
    options, socket = "--rm --network none --security-opt label=disable", "/var/run/docker.sock"
    command = f"-H unix://{socket} version --format {{{{.Server.Version}}}}"
    assert (tmp_path / "runs").read_text().splitlines() == [
        f"{options} -v {socket}:{socket} -v /opt/docker:/usr/bin/docker:ro --entrypoint docker "
        f"mesosphere/mesos-slave:1.7.1 {command}",
        f"{options} -v {socket}:{socket} --entrypoint docker mesosphere/mesos:1.7.1 {command}",
    ]


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (AGENTS, "set docker_cli to a static docker command of Docker 25 or later"),
        (EXECUTORS, "set docker_mesos_image to an image with the docker command of Docker 25 or later"),
    ],
)
@pytest.mark.parametrize("answer", [TOO_OLD, 'exec: "docker": executable file not found in $PATH: unknown.'])
def test_a_docker_command_that_the_engine_refuses_is_refused(
    machine: Machine, command: str, remedy: str, answer: str
) -> None:
    machine.docker("29.0.0 1.52")
    # Newer docker commands end their errors with a hint.
    hint = "echo; echo \"Run 'docker run --help' for more information\""
    machine.program("docker-run", f"{{ echo '{answer}'; {hint}; }} >&2", "exit 1")
    code, (line,) = machine.check(DOCKER_COMMANDS=command)
    user, image, *_ = command.split()
    assert code == 1
    assert line == (
        f"a1 (127.0.0.1): docker command of {user} in {image}: found {answer}, wanted one that the engine 29.0.0 "
        f'accepts: {remedy}; or set "min-api-version": "1.24" in the engine\'s daemon.json, if the command is only too '
        "old"
    )


def test_a_docker_command_without_an_answer_is_not_taken_for_one_that_is_too_old(
    machine: Machine, tmp_path: Path
) -> None:
    machine.docker("29.0.0 1.52")
    machine.program("docker-run", "exit 124")
    machine.program("timeout", f'[[ "$*" != *" docker run "* ]] || echo "$1" >> {tmp_path}/limits', 'shift; exec "$@"')
    code, (line,) = machine.check(DOCKER_COMMANDS=AGENTS)
    assert code == 1
    assert (tmp_path / "limits").read_text() == "20\n"
    assert "found no answer, wanted one of the engine 29.0.0 within 20 s" in line
    assert "min-api-version" not in line


def test_each_docker_command_is_checked(machine: Machine) -> None:
    machine.docker("29.0.0 1.52")
    machine.program("docker-run", f'case "$*" in *mesos-slave*) echo 29.0.0;; *) echo "{TOO_OLD}";; esac')
    code, (line,) = machine.check(DOCKER_COMMANDS=f"{AGENTS}\n{EXECUTORS}")
    assert code == 1
    assert "docker command of executors" in line


@pytest.mark.parametrize("engine", ["20.10.24 1.41", "24.0.9 1.43"])
def test_an_engine_before_25_accepts_every_docker_command(machine: Machine, engine: str) -> None:
    machine.docker(engine)
    machine.program("docker-run", "exit 1")
    assert machine.check(DOCKER_COMMANDS=AGENTS) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "needs", "commands"),
    [
        ({}, "", ["agents", "executors"]),
        ({"isolation": "posix/cpu,cgroups/mem"}, "1 isolation=cgroups/mem", ["agents", "executors"]),
        ({"image": "mesosphere/mesos-slave:1.4.0"}, "1 Docker tasks of Mesos 1.4.0", ["agents", "executors"]),
        ({"image": "mesosphere/mesos-slave:1.4.0", "containerizers": "mesos"}, "", []),
        (
            {"image": "mesosphere/mesos-slave:1.0.1", "flags": {"launcher": "linux"}},
            "1 Docker tasks of Mesos 1.0.1 and launcher=linux",
            ["agents", "executors"],
        ),
    ],
)
def test_the_check_knows_what_its_agents_need(
    stack: TerraformStack,
    host: DockerHost,
    masters: MesosMasterSet,
    synth: Synth,
    arguments: dict[str, Any],
    needs: str,
    commands: list[str],
) -> None:
    pool = MesosAgentPool(stack, "agents", hosts=[host], masters=masters, **arguments)
    MachineCheck(stack, "check", host=host, roles=[pool], name="check")
    variables = dict(each.split("=", 1) for each in synth()["containers"]["check"]["env"])
    assert variables["NEEDS_CGROUP"] == needs
    assert [line.split()[0] for line in variables["DOCKER_COMMANDS"].splitlines()] == commands


def test_a_machine_without_agents_needs_nothing(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MachineCheck(stack, "check", host=host, roles=[masters], name="check")
    assert {"NEEDS_CGROUP=", "DOCKER_COMMANDS="} <= {*synth()["containers"]["check"]["env"]}
