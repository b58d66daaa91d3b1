"""What lets tasks outlive their agent's container, all in one place.

An agent that starts finds its executors again by what the one before it had written down (Mesos docs, "Agent
Recovery"), if

* the framework has its tasks checkpointed,
* process ids are those of the host (`PID_MODE`),
* its directories are the same ones, at the same path as on the host, from where the engine mounts tasks' sandboxes,
  and what it mounts there, persistent volumes, the engine sees,
* executors of Docker tasks run in containers of their own (`docker_mesos_image`), without systemd's slices (`FLAGS`),
* executors of other tasks are in a devices cgroup of their own (`isolation`), as the engine ends what is in that of the
  agent's container,
* no other agent has the same root of cgroups: an agent that starts ends what it finds there and does not know
  (`entrypoint`),
* of each executor the ids of both its processes were written: the engine's when the executor's container runs, after
  the image was pulled, and libprocess's, or that it speaks HTTP, when it has registered.

The last is a matter of time. So nothing touches an agent before that (`check`), and one that is told to stop waits for
it (`entrypoint`), as tasks come meanwhile. And its successor is healthy only if it has kept what was there (`gated`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.container.options import Mount
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.probe import ASK, Probe

# What an agent needs beyond Docker's default, instead of `privileged`: a write to devices.deny takes it (Linux kernel
# docs, cgroup-v1, device whitelist controller). Without it no command task starts (tests/e2e/test_task_survival.py).
CAPABILITIES = ("CAP_SYS_ADMIN",)

# The engine itself adds the last to a container with the host's process ids; unsaid, every plan would replace it.
SECURITY_OPTIONS = ("apparmor=unconfined", "seccomp=unconfined", "label=disable")

PID_MODE = "host"

# There is no systemd in the container to ask for slices (Mesos docs, agent flags).
FLAGS = {"systemd_enable_support": "false"}

# How long an agent that is told to stop waits for executors that begin, in seconds: they take less than one, but for
# the pull of an image, which may take minutes; a task that has not begun to run is begun elsewhere.
STOP_SECONDS = 15

# How long an agent may take to stop, in seconds; the rest is for a slow disk.
GRACE_SECONDS = STOP_SECONDS + 10

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1, "mins": 60, "hrs": 3600, "days": 86400, "weeks": 604800}

# Where the hierarchies of cgroups are (Mesos docs, agent flags: cgroups_hierarchy).
CGROUPS = "/sys/fs/cgroup"

# Where an agent's container records what was there when it started; gone with the container.
RECORD = "/tmp/cdktf-mesos-before"

_EXECUTORS, _RECORD, _ENTRYPOINT, _KEPT, _SETTLED, _NO_TASKS, _SLAVE_INFO, _CHECKPOINT = (
    Path(__file__).with_name(f"{name}.sh")
    for name in ("executors", "record", "entrypoint", "kept", "settled", "no_tasks", "slave_info", "checkpoint")
)


def isolation(release: Release) -> str:
    """The isolators of an agent that is not told others; there is none for devices before 1.0 (Mesos CHANGELOG)."""
    return ",".join(["cgroups/cpu", "cgroups/mem", *(["cgroups/devices"] if release.major >= 1 else [])])


def entrypoint(work_dir: str, registration_timeout: str, cgroups_root: str | None) -> list[str]:
    """The words before the agent's program and its arguments.

    Args:
        work_dir: of the agent.
        registration_timeout: of executors, in Mesos's spelling.
        cgroups_root: what the agent is told as Mesos's flag of that name, unless executors of it still run in another
            root; None where it is told nothing.
    """
    begin_minutes = str(_begin_minutes(registration_timeout))
    arguments = [work_dir, RECORD, str(STOP_SECONDS), begin_minutes, CGROUPS, cgroups_root or ""]
    return scripts.words("agent-entrypoint", _EXECUTORS, _RECORD, _ENTRYPOINT, arguments=arguments)


def gated(probe: Probe, address: str, work_dir: str, masters: Sequence[str], masters_port: int) -> list[str]:
    """The health check that holds only once the agent is known to have kept what was there.

    Args:
        probe: says how to ask the agent whether it serves.
        address: of the agent.
        work_dir: of the agent.
        masters: their addresses.
        masters_port: the masters' port.
    """
    arguments = [address, str(probe.port), probe.path, work_dir, RECORD, str(masters_port), *masters]
    return ["CMD", *scripts.words("agent-health", ASK, probe.questions, _RECORD, _KEPT, arguments=arguments)]


def work_dir(data_dir: str, name: str, incarnation: int) -> str:
    """The work directory of an incarnation of an agent, on its host.

    Args:
        data_dir: of the host.
        name: of the agent's container.
        incarnation: 1 or more.
    """
    return f"{data_dir}/{name}/work" + (f"-{incarnation}" if incarnation > 1 else "")


def check(work_dir: str, registration_timeout: str, info: Mapping[str, str]) -> HostCheck:
    """What must be true on an agent's host before its container is replaced.

    Nobody looks after the tasks of another incarnation, whichever it was, so they must have gone. The agent's whole
    directory is looked at, as only the host knows which incarnations there were; the engine makes it where it is not.

    Args:
        work_dir: of the agent, as `work_dir` has it.
        registration_timeout: of executors, in Mesos's spelling.
        info: what `checkpoint.sh` compares, as variables.
    """
    directory = work_dir.rpartition("/")[0]
    variables = {"WORK_DIR": work_dir, "BEGIN_MINUTES": str(_begin_minutes(registration_timeout)), **info}
    script = scripts.joined(_EXECUTORS, _SLAVE_INFO, _CHECKPOINT, _SETTLED)
    return HostCheck(script, [Mount(directory, read_only=True)], variables)


def has_none(work_dir: str, address: str, port: int) -> HostCheck:
    """What must be true on an agent's host before the agent leaves for good: that it has no tasks any more.

    Executors whose framework checkpoints are told by what the agent wrote down, also while it is away; others by its
    metrics, where these want no password (Mesos docs, monitoring). One that listens must answer.

    Args:
        work_dir: of the agent.
        address: of the agent.
        port: of the agent.
    """
    variables = {"WORK_DIR": work_dir, "AGENT_ADDRESS": address, "AGENT_PORT": str(port)}
    return HostCheck(scripts.joined(_EXECUTORS, _NO_TASKS), [Mount(work_dir, read_only=True)], variables)


def _begin_minutes(registration_timeout: str) -> int:
    """After how many minutes an executor that has no process is not waited for."""
    number, unit = re.fullmatch("([0-9.]+)([a-z]+)", registration_timeout).groups()  # type: ignore[union-attr]
    return math.ceil(float(number) * _UNITS[unit] / 60) + 1
