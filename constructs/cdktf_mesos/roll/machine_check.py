"""What must be true of a machine before its containers are touched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.asking import PASSED, SHOWN_SECONDS, asking_container, name_resource
from cdktf_mesos.container.member import check_name
from cdktf_mesos.container.names import FOR_COMMANDS, MACHINE_CHECK
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import changes_of, declare_override

# Two logs of a container at their limits, and a release's images beside the one that runs.
MIN_FREE_MIB = 2048

# ZooKeeper's and Mesos's timeouts are 10 s and more; clocks that follow a time server are within a fraction of one.
MAX_SKEW_SECONDS = 5

# What an agent offers that is told no ports (Mesos docs, agent flags: resources).
_MESOS_PORTS = "31000-32000"

# A peer that answers says as much as all do.
_PEERS = 8

SCRIPTS = (Path(__file__).with_name("task_checks.sh"), Path(__file__).with_suffix(".sh"))


class MachineCheck(Construct):
    """Refuses a machine that its members could not run on: a container that runs when the preflights do.

    It can read the machine's files, and cannot write them. It checks that

    * the disks of the data and of the engine's images have enough room;
    * files that the roles name have their digests;
    * a network interface has the machine's address;
    * nobody else uses the members' ports;
    * the clock agrees with those of members on other machines;
    * where tasks run, the docker command that agents use fits the engine (29 refuses commands as old as those in
      Mesos's images: Docker Engine release notes; Mesos cannot use a command from 26 on: Docker Engine API version
      history, v1.45);
    * where tasks run, cgroups are of version 1 (Mesos docs, cgroups), the engine sees what agents mount, and the
      kernel does not use ports that agents offer.

    The resource is called `machine_is_ready`. The container's log has a line for each problem: the machine, what was
    found, what was wanted, what to do. The variable `override_preflight` lets it pass.

    Args:
        scope: where the construct lives; its container lives in the scope of the host.
        id_: unique in the scope.
        host: the machine, in the stack that is deployed before the one with the members.
        roles: those that have a member on the machine.
        name: of its container.
        min_free_mib: what must be free where the members' data and the engine's images are, in MiB; by default 2048.
        files: further files of the machine, by absolute path without blanks, with the SHA-256 digests that they must
            have; by default those of the roles alone.
        machine: what its messages call the machine; by default the host's id.

    Raises:
        ValueError: no roles; no name, or one that another container has; less than nothing wanted free; a file's path
            with a blank or '='; a malformed digest, or two for one file.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: DockerHost,
        roles: Sequence[Role],
        name: str,
        min_free_mib: int = MIN_FREE_MIB,
        files: Mapping[str, str] | None = None,
        machine: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if not roles:
            raise invalid(self, "roles", roles, "the roles that have a member on the machine")
        host.claims.take("container name", check_name(self, "name", name, longest=100), self, "name")
        if type(min_free_mib) is not int or min_free_mib < 0:
            raise invalid(self, "min_free_mib", min_free_mib, "a whole number of MiB, 0 or more")
        digests: dict[str, str] = {}
        for path, digest in (item for each in (*(role.files for role in roles), files or {}) for item in each.items()):
            if digests.setdefault(path, digest) != digest:
                raise invalid(self, f"files[{path!r}]", digest, f"one digest for a file; it also has {digests[path]}")
            path_without_blanks(self, "files", path)
            if not re.fullmatch("[0-9a-f]{64}", digest):
                raise invalid(self, f"files[{path!r}]", digest, "a SHA-256 digest: 64 hex digits in lower case")
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
            "DOCKER_CLI": "\n".join(dict.fromkeys(each.docker_cli or "" for each in agents)),
            "AGENT": "yes" if agents else "no",
            "TASK_PORTS": " ".join(f"{first}-{last}" for first, last in host.claims.offered()) or _MESOS_PORTS,
        }
        asked = {
            "PEERS": " ".join(others[:_PEERS]),
            "MAX_SKEW": str(MAX_SKEW_SECONDS),
            "OVERRIDE": declare_override(host.stack),
        }
        self.container = asking_container(
            host,
            name,
            image=roles[0].asked_from,
            command=scripts.words("machine-check", ASK, *SCRIPTS, PASSED, arguments=[str(SHOWN_SECONDS)]),
            environment={**wanted, **asked},
            changes=changes_of(host, roles, repr(wanted)),
            mounts=[Mount("/", "/host", read_only=True)],
            seconds=60,
            # chroot needs root, which Marathon's image does not run as; SELinux labels no file of the machine for us.
            user="0:0",
            security_options=["label=disable"],
        )
        self.container.add_override(f"//.{FOR_COMMANDS}", {"image": str(roles[0].asked_from)})
        # Several machines in a stack need a resource each.
        tail = f"_{host.node.id}" if scope is host else ""
        name_resource(self.container, host.stack, f"{MACHINE_CHECK}{tail}", name)
