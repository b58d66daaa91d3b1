"""Rules for agents in containers: about their tasks, and about the engines that they run on."""

from __future__ import annotations

from cdktf_mesos.compatibility.rule import Rule, numbers
from cdktf_mesos.image.release import Release

# Releases that cannot read the version of a docker command from Docker 1.8 on.
_OLD_VERSION_PARSERS = ("0.22.0", "0.22.1", "0.23.0", "0.24.0")

# Releases that run Docker tasks on cgroup v2: from the first of each pair on, and before the second.
_RUN_ON_V2 = (((1, 2, 3), (1, 3, 0)), ((1, 3, 2), (1, 4, 0)), ((1, 4, 1), (2, 0, 0)))

DOCKER = (
    Rule(
        "docker-command-too-old",
        "error",
        "agent",
        ("least_api",),
        lambda known: (
            "docker" in known.features
            and not known.features.isdisjoint({"image_docker", "executor_docker"})
            and not known.before("least_api", "1.40")
        ),
        "The engine accepts clients from API {least_api} on. The docker commands in public images of Mesos are older, "
        'those of agents and those of executors. Let the engine accept them, with "min-api-version": "1.24" in its '
        "daemon.json. Or set docker_cli to a docker command of Docker 25 or later, and docker_mesos_image to an image "
        "that has one",
        "Docker Engine release notes, 29; Docker docs, dockerd, min-api-version",
    ),
    Rule(
        "docker-28.2-pulls-no-schema-1",
        "warning",
        "agent",
        ("engine",),
        lambda known: known.before("agent", "0.27.0") and not known.before("engine", "28.2"),
        "Docker Engine from 28.2 on ({engine}) pulls no images with manifest schema 1. Images of Mesos {agent} may "
        "have it, as they are older than Docker 1.10",
        "Docker docs, deprecated features, image manifest v2 schema 1",
    ),
    Rule(
        "docker-cli-before-1.8",
        "warning",
        "agent",
        (),
        lambda known: "docker" in known.features and _text(known["agent"]) in _OLD_VERSION_PARSERS,
        "Mesos {agent} cannot read the version of a docker command from 1.8 on. Use an older docker command",
        "Mesos blog, 0.24.1 and more released; MESOS-2986",
    ),
    Rule(
        "docker-tasks-end-with-their-agent",
        "warning",
        "agent",
        (),
        lambda known: "docker" in known.features and known.before("agent", "0.23.0"),
        "Agents before 0.23 ({agent}) have no docker_mesos_image, so Docker tasks end when their agent is replaced",
        "Mesos docs, docker containerizer, recover Docker containers when the agent runs in one",
    ),
    Rule(
        "command-tasks-end-with-their-agent",
        "warning",
        "agent",
        (),
        lambda known: "mesos" in known.features and "cgroups/devices" not in known.features,
        "Without the isolator cgroups/devices, command tasks end when their agent ({agent}) is replaced: they are in "
        "the devices cgroup of the agent's container, which the engine ends as a whole. From 1.0 on, agents have it",
        "Mesos docs, cgroups/devices isolator; runc, pull request 2085",
    ),
    Rule(
        "docker-tasks-need-cgroup-v1",
        "error",
        "agent",
        ("cgroup",),
        lambda known: (
            known["cgroup"].major == 2 and "docker" in known.features and not runs_docker_tasks_on_v2(known["agent"])
        ),
        "Mesos {agent} cannot run Docker tasks on a host with cgroup v2: it cannot read which cgroup a container has. "
        "Use 1.2.3, 1.3.2, 1.4.1 or a release from 1.5 on, or a host with cgroup v1",
        "Mesos CHANGELOG, MESOS-7969",
    ),
    Rule(
        "settings-need-cgroup-v1",
        "error",
        "agent",
        ("cgroup",),
        lambda known: known["cgroup"].major == 2 and "needs_cgroup_v1" in known.features,
        "The host has cgroup v2, and an isolator, a launcher or another flag that is set for agents of {agent} needs "
        "cgroup v1. Leave isolation, launcher, docker and agent_subsystems out, or use a host with cgroup v1",
        "Mesos docs, cgroups; agent flags",
    ),
    Rule(
        "clusterd-needs-cgroup-v2",
        "warning",
        "agent",
        ("cgroup",),
        lambda known: known["cgroup"].major == 1 and "cgroup_v2" in known.features,
        "Clusterd from 1.11.0-0.6.0 on ({agent}) needs a host with cgroup v2",
        "Clusterd, README",
    ),
    Rule(
        "no-statistics-with-cgroup-v2",
        "warning",
        "agent",
        ("cgroup",),
        lambda known: known["cgroup"].major == 2 and "cgroup_v2" not in known.features and "docker" in known.features,
        "On a host with cgroup v2, agents of {agent} report no usage statistics of Docker tasks. The limits of these "
        "tasks are set when they start, and stay",
        "Mesos, src/slave/containerizer/docker.cpp",
    ),
    Rule(
        "no-limits-with-cgroup-v2",
        "warning",
        "agent",
        ("cgroup",),
        lambda known: known["cgroup"].major == 2 and "cgroup_v2" not in known.features and "mesos" in known.features,
        "On a host with cgroup v2, command tasks of agents of {agent} have no limits, and end when their agent is "
        "replaced",
        "Mesos docs, mesos-containerizer; cgroups/devices isolator",
    ),
)


def runs_docker_tasks_on_v2(release: Release) -> bool:
    """Whether agents of the release can run Docker tasks on a host with cgroup v2.

    Other releases fail when they read `/proc/<pid>/cgroup` of a container, where the line of cgroup v2 names no
    controllers (Mesos CHANGELOG, MESOS-7969: fixed in 1.2.3, 1.3.2, 1.4.1 and 1.5.0).
    """
    return any(first <= numbers(release) < end for first, end in _RUN_ON_V2)


def _text(release: Release) -> str:
    return f"{release.major}.{release.minor}.{release.patch}"
