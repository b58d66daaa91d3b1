"""Images of past versions, which would fill a machine's disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.asking import asking_container, name_resource
from cdktf_mesos.container.member import check_name
from cdktf_mesos.container.names import OLD_IMAGES
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import changes_of

# The version that runs, and the one before it, to go back to.
KEEP_IMAGES = 2

_SCRIPT = Path(__file__).with_suffix(".sh")


class OldImages(Construct):
    """Removes images of past versions from a machine when its members have changed and serve.

    Of each repository that the roles use, images stay that the program wants, that any container has, also one that has
    ended, and the newest others (by the date of their build) up to the number to keep. Other repositories are not
    looked at. It is a container with the machine's root file system, read-only, that uses the machine's docker command,
    else the image's own. Terraform does not wait for it, and whatever fails leaves an image where it is. The resource
    is called `old_images_go`; the container's log says what went.

    Args:
        scope: where the construct lives; its container lives in the scope of the host.
        id_: unique in the scope.
        host: the machine, in the stack with the members.
        roles: those that have a member on the machine.
        name: of its container.
        keep: how many versions of each repository stay; by default 2.

    Raises:
        ValueError: fewer than one to keep; no roles; no name, or one that another container has.
    """

    def __init__(
        self, scope: Construct, id_: str, *, host: DockerHost, roles: Sequence[Role], name: str, keep: int = KEEP_IMAGES
    ) -> None:
        super().__init__(scope, id_)
        if type(keep) is not int or keep < 1:
            raise invalid(self, "keep", keep, "a whole number, 1 or more")
        if not roles:
            raise invalid(self, "roles", roles, "the roles that have a member on the machine")
        host.claims.take("container name", check_name(self, "name", name, longest=100), self, "name")
        wanted = dict.fromkeys(image.reference(host.stack) for role in roles for image in role.images)
        self.container = asking_container(
            host,
            name,
            image=roles[0].asked_from,
            command=scripts.words("old-images", ASK, _SCRIPT, arguments=[name, str(keep), *wanted]),
            environment={},
            changes=changes_of(host, roles, f"keep {keep}"),
            mounts=[Mount("/", "/host", read_only=True)],
            seconds=None,
            # As the machine check: chroot needs root, and SELinux labels no file of the machine for us.
            user="0:0",
            security_options=["label=disable"],
            after=[member.serves for role in roles for member in role.members_on(host.address)],
        )
        tail = f"_{host.node.id}" if scope is host else ""
        name_resource(self.container, host.stack, f"{OLD_IMAGES}{tail}", name)
