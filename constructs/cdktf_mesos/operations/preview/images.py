"""Shows images in a form that people can read easily."""

from __future__ import annotations


def split(image: str) -> tuple[str, str]:
    """Repository and version of an image; either may be empty. The version is the tag, or the digest's beginning."""
    name, _, digest = image.rpartition("@") if "@" in image else (image, "", "")
    if image.startswith("sha256:"):
        return "", image[:19]
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return folder + slash + last, tag or digest[:19]


def version(image: str) -> str:
    """The version; for an image without one, its repository."""
    repository, version = split(image)
    return version or repository


def pins(before: str, after: str) -> str:
    """`old → new`: the versions, or the whole images where the repository changes."""
    (was, old), (will, new) = split(before), split(after)
    return f"{old} → {new}" if was == will and old != new else f"{before} → {after}"
