"""Rules for agents in containers: about their tasks, and about the engines that they run on."""

from __future__ import annotations

from cdktf_mesos.compatibility.rule import Rule
from cdktf_mesos.image.release import Release

# Releases that cannot read the version of a docker command from Docker 1.8 on.
_OLD_VERSION_PARSERS = ("0.22.0", "0.22.1", "0.23.0", "0.24.0")

DOCKER = (
    Rule(
        "docker-29-refuses-old-clients",
        "error",
        "agent",
        ("engine",),
        lambda known: (
            "docker" in known.features and "docker_cli" not in known.features and not known.before("engine", "29.0")
        ),
        "Docker Engine from 29 on ({engine}) refuses clients with an API below 1.44, and the docker command in Mesos "
        "images is such a client. Set docker_cli to a docker command of Docker 25 on the host, or use an older engine",
        "Docker Engine release notes, 29",
    ),
    Rule(
        "docker-29-needs-cli-25",
        "warning",
        "agent",
        ("engine",),
        lambda known: {"docker", "docker_cli"} <= known.features and not known.before("engine", "29.0"),
        "Docker Engine from 29 on ({engine}) refuses clients with an API below 1.44, and Mesos {agent} fails with "
        "clients above it. docker_cli must be a docker command of Docker 25",
        "Docker Engine release notes, 29; Docker Engine API version history, 1.45",
    ),
    Rule(
        "docker-26-without-container-config",
        "warning",
        "agent",
        ("engine",),
        lambda known: (
            "docker" in known.features
            and not known.before("engine", "26.0")
            and known.before("engine", "29.0")
            and not known["agent"] > Release(1, 11)
        ),
        "Mesos up to 1.11 ({agent}) reads ContainerConfig of an image. Docker Engine from 26 on ({engine}) sends it "
        "only to a docker command before 26, so Docker tasks fail with a newer docker command",
        "Docker Engine API version history, 1.45; Mesos, src/docker/docker.cpp",
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
)


def _text(release: Release) -> str:
    return f"{release.major}.{release.minor}.{release.patch}"
