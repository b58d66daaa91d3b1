"""Images, as people read them."""

from __future__ import annotations


def split(image: str) -> tuple[str, str]:
    """Repository and version: the tag, or the beginning of the digest; either may be empty."""
    name, _, digest = image.rpartition("@") if "@" in image else (image, "", "")
    if image.startswith("sha256:"):
        return "", image[:19]
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return folder + slash + last, tag or digest[:19]


def version(image: str) -> str:
    """The version, or the repository where there is none."""
    repository, version = split(image)
    return version or repository


def pins(before: str, after: str) -> str:
    """From one image to another: by their versions, where the repository stays and they differ."""
    (was, old), (will, new) = split(before), split(after)
    return f"{old} → {new}" if was == will and old != new else f"{before} → {after}"
