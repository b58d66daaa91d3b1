"""What lets tasks outlive their agent's container, all in one place.

An agent writes checkpoints. When an agent starts, it finds running executors again by the checkpoints of its
predecessor (Mesos docs, "Agent Recovery"). This works under these conditions:

* The framework has checkpointing on.
* The agent's container uses the process ids of the host (`PID_MODE`).
* The new container has the same directories as the old one. They have the same path in the container and on the host,
  because the engine mounts the tasks' sandboxes from the path on the host. The engine must also see what the agent
  mounts there, such as persistent volumes.
* Executors of Docker tasks run in separate containers (`docker_mesos_image`), and without systemd's slices (`FLAGS`).
* Executors of other tasks have their own devices cgroup (`isolation`): the engine kills every process that is in the
  devices cgroup of the agent's container.
* No other agent uses the same root of cgroups: an agent that starts kills the executors that it finds there and does
  not know (`entrypoint`).
* The checkpoint of each executor has the ids of both its processes. The engine's process is written down when the
  executor's container runs, which is after the pull of its image. The libprocess id, or a marker that the executor
  speaks HTTP, is written down when the executor has registered.

The last condition takes time. Therefore no agent is replaced before it is true (`replacement_check`). As new tasks may
start meanwhile, an agent that gets the signal to stop waits for it, too (`entrypoint`). The new agent is healthy only
if it has kept the id and the tasks of its predecessor (`health_test`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.container.options import Mount
from cdktf_mesos.host.cgroups import CGROUP_VERSION
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.probe import Probe

# The capability that an agent needs in addition to Docker's default, instead of `privileged`. A process needs it to
# write to devices.deny (Linux kernel docs, cgroup-v1, device whitelist controller). Without it, no command task starts
# (tests/e2e/test_task_survival.py).
CAPABILITIES = ("CAP_SYS_ADMIN",)

# The engine adds the last option to every container with the host's process ids. If it were missing here, each plan
# would replace the container.
SECURITY_OPTIONS = ("apparmor=unconfined", "seccomp=unconfined", "label=disable")

PID_MODE = "host"

# The kernel lets only processes in its first cgroup namespace make hierarchies of cgroup v1 (Linux, kernel/cgroup/
# cgroup-v1.c). Engines with cgroup v1 have this by default.
CGROUPNS_MODE = "host"

# The container has no systemd that could make slices (Mesos docs, agent flags).
FLAGS = {"systemd_enable_support": "false"}

# How long an agent waits for starting executors when it gets the signal to stop, in seconds. An executor starts within
# a second, unless its image must be pulled, which may take minutes. The framework starts a task elsewhere if it has not
# begun to run.
STOP_SECONDS = 15

# How long an agent may take to stop, in seconds. The additional time is for a slow disk.
GRACE_SECONDS = STOP_SECONDS + 10

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1, "mins": 60, "hrs": 3600, "days": 86400, "weeks": 604800}

# The directory with the hierarchies of cgroups (Mesos docs, agent flags: cgroups_hierarchy).
CGROUPS = "/sys/fs/cgroup"

# The file where the entrypoint records the agent's id and the executors that run at the start. It is in the container,
# and so it is lost with it.
RECORD = "/tmp/cdktf-mesos-before"

# The directory in the container for what `adapt.sh` makes: the docker command, and an entry in the mount table.
OWN = "/opt/cdktf-mesos"

_KNOWN, _KNOWN_WITH_LOGIN, _RUN, _RUN_EXPLAINED = (
    Path(__file__).with_name(f"{name}.sh")
    for name in ("known", "known_with_login", "run_health", "run_health_explained")
)
_EXECUTORS, _RECORD, _ENTRYPOINT, _KEPT, _SETTLED, _NO_TASKS, _SLAVE_INFO, _CHECKPOINT, _FRONT, _ADAPT = (
    Path(__file__).with_name(f"{name}.sh")
    for name in (
        *("executors", "record", "entrypoint", "kept", "settled", "no_tasks", "slave_info", "checkpoint"),
        *("docker_front", "adapt"),
    )
)


def isolation(release: Release) -> str:
    """An agent's isolators by default. Before 1.0 there is no isolator for devices (Mesos CHANGELOG)."""
    return ",".join(["cgroups/cpu", "cgroups/mem", *(["cgroups/devices"] if release.major >= 1 else [])])


def entrypoint(
    work_dir: str, registration_timeout: str, cgroups_root: str | None, *, variables_on_v2: str, needs_v1: str
) -> list[str]:
    """The entrypoint of an agent's container, without the agent's program.

    Args:
        work_dir: the agent's work directory.
        registration_timeout: how long an executor may take to register, as a duration in Mesos's form.
        cgroups_root: value for the agent's flag of that name. If executors of the agent still run below another root,
            the entrypoint uses that root instead. None: the entrypoint does not set the flag.
        variables_on_v2: the agent's variables if the host has cgroup v2; empty for an agent that needs no adaption.
        needs_v1: what needs cgroup v1, in words; empty if nothing does.
    """
    give_up_minutes = str(_give_up_minutes(registration_timeout))
    adaption = [OWN, variables_on_v2 or "-", needs_v1 or "-"]
    arguments = [work_dir, RECORD, str(STOP_SECONDS), give_up_minutes, *adaption, CGROUPS, cgroups_root or ""]
    files = (_EXECUTORS, _RECORD, CGROUP_VERSION, _FRONT, _ADAPT, _ENTRYPOINT)
    return scripts.words("agent-entrypoint", *files, arguments=arguments)


def health_test(probe: Probe, address: str, work_dir: str, masters: Sequence[str], masters_port: int) -> list[str]:
    """The health check of an agent, in Docker's form: it serves, and has kept its predecessor's id and tasks.

    Args:
        probe: the agent's probe, which tells whether it serves.
        address: the agent's address.
        work_dir: the agent's work directory.
        masters: the masters' addresses.
        masters_port: the masters' port.
    """
    arguments = [address, str(probe.port), probe.path, work_dir, RECORD, str(masters_port), *masters]
    known, run = (_KNOWN_WITH_LOGIN, _RUN_EXPLAINED) if probe.explains else (_KNOWN, _RUN)
    return ["CMD", *scripts.words("agent-health", *probe.asks_itself, _RECORD, _KEPT, known, run, arguments=arguments)]


def work_dir(data_dir: str, name: str, incarnation: int) -> str:
    """The work directory of an incarnation of an agent, on its host.

    Args:
        data_dir: the host's data directory.
        name: name of the agent's container.
        incarnation: 1 or more.
    """
    return f"{data_dir}/{name}/work" + (f"-{incarnation}" if incarnation > 1 else "")


def replacement_check(work_dir: str, registration_timeout: str, info: Mapping[str, str]) -> HostCheck:
    """The check on an agent's host before the agent's container is replaced.

    No agent would look after the tasks of other incarnations, so none of these may be left. Only the host knows which
    incarnations there were, so the check mounts the directory of all of them. The engine creates it if it is missing.

    Args:
        work_dir: the agent's work directory, from the function `work_dir`.
        registration_timeout: how long an executor may take to register, as a duration in Mesos's form.
        info: variables with what `checkpoint.sh` compares.
    """
    directory = work_dir.rpartition("/")[0]
    variables = {"WORK_DIR": work_dir, "GIVE_UP_MINUTES": str(_give_up_minutes(registration_timeout)), **info}
    script = scripts.joined(_EXECUTORS, _SLAVE_INFO, _CHECKPOINT, _SETTLED)
    return HostCheck(script, [Mount(directory, read_only=True)], variables)


def no_tasks_check(work_dir: str, address: str, port: int) -> HostCheck:
    """The check on an agent's host before the agent leaves for good: it has no tasks any more.

    The agent's checkpoints show the executors of frameworks with checkpointing, also while the agent is down. Its
    metrics show all others (Mesos docs, monitoring). An agent that accepts connections but does not answer, or that
    refuses the question, does not pass.

    Args:
        work_dir: the agent's work directory.
        address: the agent's address.
        port: the agent's port.
    """
    variables = {"WORK_DIR": work_dir, "AGENT_ADDRESS": address, "AGENT_PORT": str(port)}
    return HostCheck(scripts.joined(_EXECUTORS, _NO_TASKS), [Mount(work_dir, read_only=True)], variables)


def _give_up_minutes(registration_timeout: str) -> int:
    """The age, in minutes, from which nobody waits for an executor without a process: the agent has given it up."""
    number, unit = re.fullmatch("([0-9.]+)([a-z]+)", registration_timeout).groups()  # type: ignore[union-attr]
    return math.ceil(float(number) * _UNITS[unit] / 60) + 1
