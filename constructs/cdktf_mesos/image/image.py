"""Which image a role runs: a repository, the version of it, and the family that says how it wants to be configured."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import expression
from cdktf_mesos.image.pin import DIGEST, TAG, Pin, check_version, release_of, require_tag
from cdktf_mesos.image.release import Release

# distribution/reference: an optional registry with its port, then path components of lower case.
_COMPONENT = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_REPOSITORY = rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*"


@dataclass(frozen=True)
class Image:
    """An image, wherever it is kept.

    Args:
        repository: without tag: `zookeeper`, `mesosphere/mesos-master`, `registry.example.com:5000/our/mesos-master`.
        version: a tag or digest that stays as it is, or a `Pin`, which makes it a Terraform variable.
        family: how the image wants to be configured: the name of a family of the role that uses it. By default the
            family that the repository's last two components belong to; where that is no known one, it must be given.
        release: the release inside, where a fixed `version` does not say so (a digest, a tag of one's own).
        tag_alone: whether a digest in the pin's value is left out, as it is another image's of the same version.

    Raises:
        ValueError: a malformed repository, tag or digest; a version whose release cannot be told.
    """

    repository: str
    version: str | Pin
    family: str | None = None
    release: str | None = None
    tag_alone: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(_REPOSITORY, self.repository):
            raise invalid("Image", "repository", self.repository, "a repository without tag: 'mesosphere/mesos-master'")
        if isinstance(self.version, str):
            check_version(f"Image {self.repository}", "version", self.version)
        self.parsed_release()

    def __str__(self) -> str:
        """The image as it would be pulled, with its pin's default."""
        version = self.default_version()
        return self.repository + ("@" if version.startswith("sha256:") else ":") + version

    @classmethod
    def of(cls, image: str | Image, *, release: str | None = None) -> Image:
        """Read `repository:tag`, `repository@digest` or `repository:tag@digest`; an `Image` stays as it is.

        Args:
            image: as text, or ready.
            release: what it is, where its version does not say so.

        Raises:
            ValueError: text that is none of these; a release that is not known.
        """
        if isinstance(image, Image):
            return image
        match = re.fullmatch(rf"(?P<repository>{_REPOSITORY})(?::(?P<tag>{TAG}))?(?:@(?P<digest>{DIGEST}))?", image)
        if match is None or not (match["tag"] or match["digest"]):
            raise invalid("Image", "image", image, "a repository with a tag or digest: 'zookeeper:3.9.4'")
        version = "@".join(part for part in (match["tag"], match["digest"]) if part)
        try:
            return cls(match["repository"], version)
        except ValueError:
            if release is None:
                raise
            return cls(match["repository"], version, release=release)

    def parsed_release(self) -> Release:
        """The release that configuration follows."""
        if isinstance(self.version, Pin):
            return self.version.parsed_release()
        return release_of(f"Image {self.repository}", "version", self.version, self.release)

    def last_components(self) -> str:
        """The last two parts of the repository, without its registry: `mesosphere/mesos-master`, `zookeeper`."""
        first, _, rest = self.repository.partition("/")
        # What stands before the first slash is a registry with a '.', a ':' or this (distribution/reference).
        path = rest if rest and (re.search("[.:]", first) or first == "localhost") else self.repository
        return "/".join(path.split("/")[-2:])

    def beside(self, repository: str) -> Image:
        """Another image of the same version: `mesosphere/mesos` beside `mesosphere/mesos-slave`, registry included."""
        registry = self.repository.split("/")[:-2]
        return self.of_same_version("/".join([*registry, repository]))

    def of_same_version(self, repository: str) -> Image:
        """What another repository has under the same tag: a digest, where there is one, is this image's alone.

        Raises:
            ValueError: this one has a digest and no tag.
        """
        if repository == self.repository:
            return replace(self, family=None)
        if self.default_version().startswith("sha256:"):
            right = f"a tag, or tag@digest, as {repository} has another digest"
            raise invalid(f"Image {self.repository}", "version", self.default_version(), right)
        if isinstance(self.version, Pin):
            return replace(self, repository=repository, family=None, tag_alone=True)
        return replace(self, repository=repository, family=None, version=self.version.partition("@")[0])

    def reference(self, stack: TerraformStack) -> str:
        """What is pulled, as text or as a Terraform expression over the pin's variable on `stack`."""
        if isinstance(self.version, str):
            return str(self)
        variable = self.version.declare(stack)
        name = f"var.{self.version.variable}"
        if self.tag_alone:
            require_tag(variable, self.version, self.repository)
            return expression(f'${{join(":", ["{self.repository}", split("@", {name})[0]])}}')
        return expression(f'${{join(startswith({name}, "sha256:") ? "@" : ":", ["{self.repository}", {name}])}}')

    def shown_version(self, stack: TerraformStack) -> str:
        """The version as text or as a Terraform expression."""
        if isinstance(self.version, str):
            return self.version
        self.version.declare(stack)
        name = f"var.{self.version.variable}"
        return expression(f'${{split("@", {name})[0]}}' if self.tag_alone else f"${{{name}}}")

    def key(self) -> str:
        """What tells this image from others on the same host, as the id of a construct."""
        version = self.version.variable if isinstance(self.version, Pin) else self.version
        name = f"{self.repository}-{version}"
        # Two repositories may read the same once their slashes are gone.
        return re.sub("[^A-Za-z0-9_.]+", "-", f"image-{name}-{sha256(name.encode()).hexdigest()[:6]}")

    def default_version(self) -> str:
        """The version as the program has it: the pin's default, where it is one."""
        version = self.version.default if isinstance(self.version, Pin) else self.version
        return version.partition("@")[0] if self.tag_alone else version
