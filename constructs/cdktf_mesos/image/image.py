"""The image that a role runs: its repository, its version, and the family that decides how it is configured."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import expression
from cdktf_mesos.image.pin import DIGEST, TAG, Pin, check_version, release_of, require_tag
from cdktf_mesos.image.release import Release

# An optional registry with its port, then path components in lower case (distribution/reference).
_COMPONENT = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_REPOSITORY = rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*"


@dataclass(frozen=True)
class Image:
    """An image in any registry.

    Args:
        repository: without tag: `zookeeper`, `mesosphere/mesos-master`, `registry.example.com:5000/our/mesos-master`.
        version: a fixed tag or digest; or a `Pin`, which makes the version a Terraform variable.
        family: how the image is configured: the name of a family of the role that uses it. By default it follows from
            the last two components of the repository. An image whose repository belongs to no family needs it.
        release: the release of the program in the image. Needed if a fixed `version` does not begin with it, as a
            digest or a custom tag.
        tag_alone: whether to use only the tag of the pin's value, because its digest is that of another image with the
            same tag.

    Raises:
        ValueError: a malformed repository, tag or digest; a version without a known release.
    """

    repository: str
    version: str | Pin
    family: str | None = None
    release: str | None = None
    tag_alone: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(_REPOSITORY, self.repository):
            remedy = "Use a repository without tag, such as 'mesosphere/mesos-master'"
            raise invalid("Image", "repository", self.repository, remedy)
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
            image: the image, as text or as an `Image`.
            release: the release of the program in the image. Used only if the version does not begin with it.

        Raises:
            ValueError: text of another form; a version without a known release.
        """
        if isinstance(image, Image):
            return image
        match = re.fullmatch(rf"(?P<repository>{_REPOSITORY})(?::(?P<tag>{TAG}))?(?:@(?P<digest>{DIGEST}))?", image)
        if match is None or not (match["tag"] or match["digest"]):
            raise invalid("Image", "image", image, "Use a repository with a tag or digest, such as 'zookeeper:3.9.4'")
        version = "@".join(part for part in (match["tag"], match["digest"]) if part)
        try:
            return cls(match["repository"], version)
        except ValueError:
            if release is None:
                raise
            return cls(match["repository"], version, release=release)

    def parsed_release(self) -> Release:
        """The release that decides the configuration."""
        if isinstance(self.version, Pin):
            return self.version.parsed_release()
        return release_of(f"Image {self.repository}", "version", self.version, self.release)

    def last_components(self) -> str:
        """The last two parts of the repository, without its registry: `mesosphere/mesos-master`, `zookeeper`."""
        first, _, rest = self.repository.partition("/")
        # The first part is a registry if it has a '.' or ':', or is 'localhost' (distribution/reference).
        path = rest if rest and (re.search("[.:]", first) or first == "localhost") else self.repository
        return "/".join(path.split("/")[-2:])

    def with_repository(self, repository: str) -> Image:
        """Another image of the same version from the same registry: `mesosphere/mesos` for `mesosphere/mesos-slave`."""
        registry = self.repository.split("/")[:-2]
        return self.of_same_version("/".join([*registry, repository]))

    def of_same_version(self, repository: str) -> Image:
        """The image with the same tag in another repository. It gets no digest, as each image has its own.

        Raises:
            ValueError: this image has only a digest, and no tag.
        """
        if repository == self.repository:
            return replace(self, family=None)
        if self.default_version().startswith("sha256:"):
            remedy = f"Use a tag, or tag@digest: {repository}, which gets the same version, has another digest"
            raise invalid(f"Image {self.repository}", "version", self.default_version(), remedy)
        if isinstance(self.version, Pin):
            return replace(self, repository=repository, family=None, tag_alone=True)
        return replace(self, repository=repository, family=None, version=self.version.partition("@")[0])

    def reference(self, stack: TerraformStack) -> str:
        """The image to pull, as text or as a Terraform expression with the pin's variable on `stack`."""
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
        """An id for the image's construct, unique on a host."""
        version = self.version.variable if isinstance(self.version, Pin) else self.version
        name = f"{self.repository}-{version}"
        # The hash keeps ids apart that become equal when slashes are replaced.
        return re.sub("[^A-Za-z0-9_.]+", "-", f"image-{name}-{sha256(name.encode()).hexdigest()[:6]}")

    def default_version(self) -> str:
        """The version as the program sets it: the text, or the pin's default."""
        version = self.version.default if isinstance(self.version, Pin) else self.version
        return version.partition("@")[0] if self.tag_alone else version
