"""The family of an image, which decides how its containers are configured."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.image import Image


def family_name(role: Construct, image: Image, families: Mapping[str, Collection[str]]) -> str:
    """The family that the image names, or else the one that its repository belongs to.

    There is no default: an image of another family might silently ignore its configuration.

    Args:
        role: the role that uses the image, for errors.
        image: the image.
        families: family names → the repositories of each family.

    Raises:
        ValueError: the image names an unknown family; or it names none, and no family has its repository.
    """
    names = ", ".join(sorted(families))
    if image.family is not None:
        if image.family not in families:
            raise invalid(role, "image.family", image.family, f"Use one of {names}")
        return image.family
    for name, repositories in families.items():
        if image.last_components() in repositories:
            return name
    known = sorted(repository for repositories in families.values() for repository in repositories)
    remedy = (
        f"Use a known repository ({', '.join(known)}), or name the family whose configuration the image takes, one of "
        f"{names}: Image({image.repository!r}, …, family=…). In the application, set `family` of the component, or "
        "`mesos_family`"
    )
    raise invalid(role, "image", str(image), remedy)
