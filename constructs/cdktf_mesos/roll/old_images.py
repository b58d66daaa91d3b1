"""Removal of images of past versions, which would fill a machine's disk in time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import check_name
from cdktf_mesos.container.names import OLD_IMAGES
from cdktf_mesos.container.one_shot import name_resource, one_shot_container
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import fingerprint_of

# The version that runs, and the one before it, to which one may go back.
KEEP_IMAGES = 2

_SCRIPT = Path(__file__).with_suffix(".sh")


class OldImages(Construct):
    """Removes images of past versions from a machine when its members have changed and serve.

    It considers only the repositories that the roles use. In each of these it keeps the images that the program uses,
    those that any container uses, even one that has ended, and the newest others, by the date of their build, up to
    `keep` in all. It is a container that has the machine's root file system, read-only, and runs the machine's docker
    command, otherwise the image's own. Terraform does not wait for it. If a step fails, an image stays on the machine.
    The resource is called `old_images_go`; the container's log lists the removed images.

    Args:
        scope: where the construct lives; its container lives in the scope of the host.
        id_: unique in the scope.
        host: the machine, in the members' stack.
        roles: the roles that have a member on the machine.
        name: the name of its container.
        keep: how many versions of each repository stay; by default 2.

    Raises:
        ValueError: `keep` is not a whole number, 1 or more; there are no roles; the name is invalid or another
            container has it.
    """

    def __init__(
        self, scope: Construct, id_: str, *, host: DockerHost, roles: Sequence[Role], name: str, keep: int = KEEP_IMAGES
    ) -> None:
        super().__init__(scope, id_)
        check_whole(self, "keep", keep)
        if not roles:
            raise invalid(self, "roles", roles, "Pass the roles that have a member on the machine")
        host.claims.take("container name", check_name(self, "name", name, longest=100), self, "name")
        wanted = dict.fromkeys(image.reference(host.stack) for role in roles for image in role.images)
        self.container = one_shot_container(
            host,
            name,
            image=roles[0].image_for_checks,
            command=scripts.words("old-images", ASK, _SCRIPT, arguments=[name, str(keep), *wanted]),
            environment={},
            fingerprint=fingerprint_of(host, roles, f"keep {keep}"),
            mounts=[Mount("/", "/host", read_only=True)],
            seconds=None,
            # For the same reasons as in the machine check.
            user="0:0",
            security_options=["label=disable"],
            after=[member.serves for role in roles for member in role.members_on(host.address)],
        )
        suffix = f"_{host.node.id}" if scope is host else ""
        name_resource(self.container, host.stack, f"{OLD_IMAGES}{suffix}", name)
