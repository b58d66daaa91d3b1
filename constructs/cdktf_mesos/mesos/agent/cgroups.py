"""What agents can have on hosts with cgroup v2 only.

Mesos up to 1.11 knows only cgroup v1. `adapt.sh` lets its agents run on hosts with cgroup v2 nevertheless, without what
needs cgroup v1.
"""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_mesos.compatibility.docker import runs_docker_tasks_on_v2
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.configuration import FlagValue

# By default on cgroup v2: isolators without cgroups (Mesos docs, mesos-containerizer).
_ISOLATION = "posix/cpu,posix/mem"

# Isolators, or their prefixes, that need cgroup v1, or the launcher `linux`, which needs it (Mesos,
# src/slave/containerizer/mesos/isolators and linux_launcher.cpp).
_NEED_V1 = ("cgroups/", "filesystem/linux", "gpu/nvidia", "linux/devices", "namespaces/", "network/ports")

# Flags that need cgroup v1: they name hierarchies for the agent itself (Mesos docs, agent flags), or a docker command
# that is not the one of `docker_front.sh`, without which agents on cgroup v2 lose tasks.
_FLAGS_OF_V1 = ("agent_subsystems", "slave_subsystems", "docker")


def needs_v1(isolation: str | None, flags: Mapping[str, FlagValue]) -> str:
    """What the user has set that needs cgroup v1, in words; empty if nothing does.

    Args:
        isolation: the isolators that the user has set; None for the default.
        flags: all flags that the user has set.
    """
    isolators = [each for each in (isolation or "").split(",") if each.startswith(_NEED_V1)]
    return " and ".join(
        [
            *([f"isolation={','.join(isolators)}"] if isolators else []),
            *(["launcher=linux"] if flags.get("launcher") == "linux" else []),
            *(f"{name}={flags[name]}" for name in _FLAGS_OF_V1 if name in flags),
        ]
    )


def variables_on_v2(isolation: str | None, flags: Mapping[str, FlagValue]) -> str:
    """The variables that an agent gets on a host with cgroup v2, separated by spaces. For the arguments see `needs_v1`.

    Before 0.25 there is no flag for the launcher. Mesos ignores the variable then, and the isolators decide.
    """
    launcher = [] if "launcher" in flags else ["MESOS_LAUNCHER=posix"]
    return " ".join([*launcher, f"MESOS_ISOLATION={isolation or _ISOLATION}"])


def needs(release: Release, user_needs: str, *, runs_docker: bool) -> dict[int, str]:
    """What needs a version of cgroups, in words, by that version.

    Args:
        release: the agents' release.
        user_needs: what the user has set that needs cgroup v1, as `needs_v1` says it.
        runs_docker: whether the agents run Docker tasks.
    """
    tasks = [f"Docker tasks of Mesos {release}"] if runs_docker and not runs_docker_tasks_on_v2(release) else []
    both = [*tasks, *([user_needs] if user_needs else [])]
    return {1: " and ".join(both)} if both else {}
