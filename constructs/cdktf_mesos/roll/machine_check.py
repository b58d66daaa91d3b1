"""The check of a machine, before containers on it are replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import TerraformStack, TerraformVariable
from cdktf_mesos.container.member import check_name
from cdktf_mesos.container.names import FOR_COMMANDS, LOCK_VARIABLE, MACHINE_CHECK
from cdktf_mesos.container.one_shot import PASSED, SHOWN_SECONDS, name_resource, one_shot_container
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.host.cgroups import CGROUP_VERSION
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.host.prepare import TASK_PORTS
from cdktf_mesos.role.docker_command import DockerCommand
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS, declare_override, fingerprint_of

# Enough for two containers' logs at their limits, and for the images of a new release next to those of the old one.
MIN_FREE_MIB = 2048

# ZooKeeper's and Mesos's timeouts are 10 s and more; clocks that follow a time server are within a fraction of one.
MAX_SKEW_SECONDS = 5

# The ports that an agent offers by default (Mesos docs, agent flags: resources).
_MESOS_PORTS = "31000-32000"

# How many other members the clock is compared with. Any one of them is enough, but some may not answer.
_PEERS = 8

SCRIPTS = (
    ASK,
    CGROUP_VERSION,
    TASK_PORTS,
    *(Path(__file__).with_name(f"{name}.sh") for name in ("engine_checks", "task_checks", "machine_check")),
)


class MachineCheck(Construct):
    """Stops a deploy if members could not run on the machine. It is a container that runs together with the preflights.

    The container can read the machine's files, but not write them. It checks that

    * the disks of the members' data and of the engine's images have enough free space;
    * files that the roles name have the right digests;
    * a network interface has the machine's address;
    * no other process uses the members' ports;
    * nobody else holds the lock of the machine (`cdktf-mesos lock`);
    * the engine does not have name servers of the cluster as its own;
    * the clock agrees with the clocks of members on other machines;
    * on machines that run tasks: the engine accepts the docker commands of agents and of their executors (an engine
      from 29 on refuses commands as old as those in Mesos's public images: Docker Engine release notes). For this it
      runs each command once, in a container of its image;
    * on machines that run tasks: cgroups have a version with which the members can run, the engine sees what agents
      mount, and the kernel does not use ports that agents offer.

    The resource is called `machine_is_ready`. The container's log has a line for each problem: the machine, what was
    found, what was wanted, and what to do. The variable `override_preflight` lets the check pass.

    Args:
        scope: where the construct lives; its container lives in the scope of the host.
        id_: unique in the scope.
        host: the machine, in the stack that is deployed before the members' stack.
        roles: the roles that have a member on the machine.
        name: the name of its container.
        patience_seconds: how long the check may take, in seconds; by default 60. Each docker command gets a third of
            it. A check that refuses takes as long: Terraform waits for one that passes until then.
        min_free_mib: free space that the disks of the members' data and of the engine's images must have, in MiB; by
            default 2048.
        files: further files that the machine must have: SHA-256 digests by absolute path, without blanks or '='. Those
            that the roles name are always checked.
        machine: the machine's name in messages; by default the host's id.

    Raises:
        ValueError: there are no roles; the name is invalid or another container has it; `patience_seconds` is not a
            whole number, 1 or more; `min_free_mib` is negative; the path of a file has a blank or '='; a digest is
            malformed, or a file has two different ones.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: DockerHost,
        roles: Sequence[Role],
        name: str,
        patience_seconds: int = PATIENCE_SECONDS,
        min_free_mib: int = MIN_FREE_MIB,
        files: Mapping[str, str] | None = None,
        machine: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if not roles:
            raise invalid(self, "roles", roles, "Pass the roles that have a member on the machine")
        host.claims.take("container name", check_name(self, "name", name, longest=100), self, "name")
        check_whole(self, "patience_seconds", patience_seconds)
        check_whole(self, "min_free_mib", min_free_mib, 0, of="MiB")
        digests: dict[str, str] = {}
        for path, digest in (item for each in (*(role.files for role in roles), files or {}) for item in each.items()):
            if digests.setdefault(path, digest) != digest:
                remedy = f"Use one digest for each file: this one also has {digests[path]}"
                raise invalid(self, f"files[{path!r}]", digest, remedy)
            path_without_blanks(self, "files", path)
            if not re.fullmatch("[0-9a-f]{64}", digest):
                remedy = "Use a SHA-256 digest: 64 hex digits in lower case"
                raise invalid(self, f"files[{path!r}]", digest, remedy)
        others = [
            f"{address}:{each.ports[each.http_port]}"
            for each in roles
            if each.http_port is not None
            for address in each.addresses({host.address})
        ]
        agents = [each for each in roles if each.runs_tasks and each.members_on(host.address)]
        wanted = {
            "NAME": machine or host.node.id,
            "ADDRESS": host.address,
            "DATA_DIR": host.data_dir,
            "MIN_FREE_MIB": str(min_free_mib),
            "PORTS": " ".join(f"{port}:{container}" for container, ports in host.claims.listeners() for port in ports),
            "FILES": " ".join(f"{path}={digest}" for path, digest in sorted(digests.items())),
            "AGENT": "yes" if agents else "no",
            "TASK_PORTS": " ".join(f"{first}-{last}" for first, last in host.claims.offered()) or _MESOS_PORTS,
        }
        commands = dict.fromkeys(command for each in agents for command in each.docker_commands)
        needs = [f"{version} {what}" for each in agents for version, what in each.needs_cgroup.items()]
        further = {
            "DOCKER_COMMANDS": "\n".join(_line(each, host.pull(each.image).name) for each in commands),
            "NEEDS_CGROUP": "\n".join(dict.fromkeys(needs)),
            "NAME_SERVERS": " ".join(dict.fromkeys(server for each in roles for server in each.name_servers)),
            "PEERS": " ".join(others[:_PEERS]),
            "MAX_SKEW": str(MAX_SKEW_SECONDS),
            "RUN_SECONDS": str(max(patience_seconds // 3, 1)),
            "LOCK": _declare_lock(host.stack),
            "OVERRIDE": declare_override(host.stack),
        }
        self.container = one_shot_container(
            host,
            name,
            image=roles[0].image_for_checks,
            command=scripts.words("machine-check", *SCRIPTS, PASSED, arguments=[str(SHOWN_SECONDS)]),
            environment={**wanted, **further},
            fingerprint=fingerprint_of(host, roles, repr(wanted)),
            mounts=[Mount("/", "/host", read_only=True)],
            seconds=patience_seconds,
            # chroot needs root, and Marathon's image has another user. Without the option, SELinux would deny access to
            # the machine's files, which have no label for containers.
            user="0:0",
            security_options=["label=disable"],
        )
        # `cdktf-mesos doctor` runs the check before Terraform has pulled the images.
        known = {
            "images": list(dict.fromkeys([str(roles[0].image_for_checks), *(str(each.image) for each in commands)])),
            "docker_commands": "\n".join(_line(each, str(each.image)) for each in commands),
        }
        self.container.add_override(f"//.{FOR_COMMANDS}", known)
        # Two resources of a stack cannot have the same name.
        suffix = f"_{host.node.id}" if scope is host else ""
        name_resource(self.container, host.stack, f"{MACHINE_CHECK}{suffix}", name)


def _declare_lock(stack: TerraformStack) -> str:
    """Declare the stack's variable with the id of the lock that the deploy holds, and return a reference to it.

    `cdktf-mesos lock -- cdktf deploy` sets it in the environment.
    """
    variable = stack.node.try_find_child(LOCK_VARIABLE)
    if not isinstance(variable, TerraformVariable):
        variable = TerraformVariable(
            stack, LOCK_VARIABLE, type="string", default="", description="The lock under which this deploy runs."
        )
    return str(variable.string_value)


def _line(command: DockerCommand, image: str) -> str:
    """A docker command as `engine_checks.sh` reads it. A name that Terraform gets from a pull waits for the pull."""
    return " ".join([command.user, image, command.socket, command.path or "-"])
