"""A backup before a roll changes ZooKeeper, or what keeps its state there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import check_name
from cdktf_mesos.container.names import BACKED_UP
from cdktf_mesos.container.one_shot import PASSED, SHOWN_SECONDS, name_resource, one_shot_container
from cdktf_mesos.container.options import WAIT_SECONDS
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import declare_override, fingerprint_of_members
from cdktf_mesos.zookeeper.backups import ARCHIVE, ZookeeperBackups

_SCRIPT = Path(__file__).with_suffix(".sh")


class BackupBeforeRoll(Construct):
    """Makes an archive before a roll replaces a member of the ensemble or of other roles; without one the roll stops.

    It is a container that runs together with the preflights, on each machine of the ensemble. It makes an archive of
    the server of its machine, as the timer does, into the same directory. The archive has all that any server had
    applied before. A later machine of the roll makes none if it finds in the directory the one that this roll has made,
    as it does in a directory that the machines share. A machine whose server has no transactions yet, or does not serve
    while another one does, makes none either.

    A label of the container has a fingerprint of all members of the roles, on all machines. So the container runs again
    only if the definition of one of these members has changed. The resource is called `zookeeper_is_backed_up`; the
    container's log has the name of the archive, or why there is none. The variable `override_preflight` lets the roll
    go on without one.

    Args:
        scope: where the construct lives; its container lives in the scope of the host.
        id_: unique in the scope.
        host: a machine of the ensemble, in the stack that is deployed before the members' stack. The ensemble's first
            machine must be the first one of the roll.
        backups: the timer, whose directory the archive gets into.
        roles: the roles whose change needs a backup, such as the ensemble and Marathon.
        name: the name of its container.
        seconds: how long the archive may take, in seconds; by default 120. A step that fails takes as long.

    Raises:
        ValueError: there are no roles; no server is on the host; the name is invalid or another container has it;
            `seconds` is not a whole number, 1 or more.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: DockerHost,
        backups: ZookeeperBackups,
        roles: Sequence[Role],
        name: str,
        seconds: int = WAIT_SECONDS,
    ) -> None:
        super().__init__(scope, id_)
        ensemble = backups.ensemble
        check_whole(self, "seconds", seconds)
        if not roles:
            raise invalid(self, "roles", roles, "Pass the roles whose change needs a backup")
        if not ensemble.members_on(host.address):
            raise invalid(self, "host", host.address, f"Use a machine with a server of {ensemble.node.path}")
        host.claims.take("container name", check_name(self, "name", name, longest=100), self, "name")
        members = [member for each in roles for member in each.members]
        fingerprint = fingerprint_of_members(host, roles, members)
        addresses = ensemble.addresses()
        self.container = one_shot_container(
            host,
            name,
            image=ensemble.image_for_checks,
            command=scripts.words(
                "before-roll",
                *ARCHIVE,
                _SCRIPT,
                PASSED,
                arguments=[str(SHOWN_SECONDS), *backups.arguments(host), str(seconds)],
            ),
            environment={
                **backups.environment(host),
                "MEMBERS": " ".join(addresses),
                "FIRST": "yes" if host.address == addresses[0] else "no",
                "ROLL": fingerprint,
                "OVERRIDE": declare_override(host.stack),
            },
            fingerprint=fingerprint,
            mounts=backups.mounts(host),
            seconds=seconds,
            # The server's files and the archives are only for their owners.
            user="0:0",
        )
        # Two resources of a stack cannot have the same name.
        suffix = f"_{host.node.id}" if scope is host else ""
        name_resource(self.container, host.stack, f"{BACKED_UP}{suffix}", name)
