"""Which family an image belongs to: how it wants to be configured."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.image import Image


def family_name(role: Construct, image: Image, families: Mapping[str, Collection[str]]) -> str:
    """The family that the image names, or else the one that its repository belongs to.

    An image of another family may ignore its configuration without a word, so none is assumed.

    Args:
        role: whose image it is; errors name it.
        image: the image.
        families: the repositories of each family, by the family's name.

    Raises:
        ValueError: a family that is not among these; none is named, and the repository belongs to none.
    """
    names = ", ".join(sorted(families))
    if image.family is not None:
        if image.family not in families:
            raise invalid(role, "image.family", image.family, f"one of {names}")
        return image.family
    for name, repositories in families.items():
        if image.last_components() in repositories:
            return name
    usual = sorted(repository for repositories in families.values() for repository in repositories)
    right = (
        f"a repository that is known, {', '.join(usual)}, or the family whose configuration the image takes: "
        f"Image({image.repository!r}, …, family=…) with one of {names} (in the application: `family` of the component, "
        "or `mesos_family`)"
    )
    raise invalid(role, "image", str(image), right)
