"""Pins: the version of a component as a Terraform variable, on every stack that uses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cdktf_mesos.cdk import TerraformStack, TerraformVariable
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import literal
from cdktf_mesos.image.release import Release, parse_release

# The forms of tags and digests (distribution/reference). RE2 and Python read these expressions alike.
TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = "sha256:[0-9a-f]{64}"
VERSION = f"({TAG}|{DIGEST}|{TAG}@{DIGEST})"

# Names that Terraform reserves (Terraform docs, input variables).
_RESERVED = ("source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals")

# The patch releases that are tried if a minor release has two configurations. The highest so far are 4 (Mesos) and 14
# (ZooKeeper).
_PATCHES = range(20)

# The variables of each stack by name and default. Calls of jsii for them would take some milliseconds for each member.
_declared: WeakKeyDictionary[TerraformStack, dict[tuple[str, str], TerraformVariable]] = WeakKeyDictionary()

# The messages of the rules of each variable. They are kept for the same reason: each member needs them, and an agent
# for each release.
_ruled: WeakKeyDictionary[TerraformVariable, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Pin:
    """The version of one component, as a Terraform variable whose default is set in the program.

    Args:
        variable: the variable's name, such as `mesos_version`.
        default: a tag, `1.11.0` or `1.4.0-rc5`; a digest, `sha256:…`; or both, `1.11.0@sha256:…`. Then the digest
            decides what is pulled, and the tag tells its release.
        release: the release of `default`. Needed if `default` does not begin with it, as a digest or a custom tag.

    Raises:
        ValueError: a malformed variable name, tag or digest; a default without a known release, or that begins with
            another release than `release`.
    """

    variable: str
    default: str
    release: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]*", self.variable) or self.variable in _RESERVED:
            remedy = "Use lower-case letters, digits and '_', and no word that Terraform reserves: 'mesos_version'"
            raise invalid("Pin", "variable", self.variable, remedy)
        check_version(f"Pin {self.variable}", "default", self.default)
        self.parsed_release()

    def parsed_release(self) -> Release:
        """The release of the default. It decides the configuration, as the variable's value is not known at synth."""
        return release_of(f"Pin {self.variable}", "default", self.default, self.release)

    def declare(self, stack: TerraformStack) -> TerraformVariable:
        """The variable on `stack`, which is declared at its first use there."""
        here = _declared.setdefault(stack, {})
        if (self.variable, self.default) in here:
            return here[self.variable, self.default]
        declared = stack.node.try_find_child(self.variable)
        if isinstance(declared, TerraformVariable) and declared.default == self.default:
            return here.setdefault((self.variable, self.default), declared)
        if declared is not None:
            remedy = "Use one default for all pins with this variable on the stack"
            raise invalid(stack, self.variable, self.default, remedy)
        variable = TerraformVariable(
            stack,
            self.variable,
            type="string",
            default=self.default,
            description="Tag or digest of the image. Set its default in the program, as -var lasts for one deploy.",
        )
        variable.add_validation(
            condition=f'${{can(regex("^{VERSION}$", var.{self.variable}))}}',
            error_message=f"{self.variable} must be an image's tag, its digest (sha256:…), or tag@digest.",
        )
        here[self.variable, self.default] = variable
        return variable


def check_version(where: str, argument: str, value: str) -> None:
    """Refuse text that is not a tag, a digest, or both."""
    if not re.fullmatch(VERSION, value):
        remedy = "Use an image's tag (1.11.0), its digest (sha256: and 64 hex digits), or tag@digest"
        raise invalid(where, argument, value, remedy)


def said_release(version: str) -> Release | None:
    """The release that the version's tag begins with; None if there is no tag, or it begins with something else."""
    try:
        return parse_release(version.partition("@")[0])
    except ValueError:
        return None


def release_of(where: str, argument: str, version: str, release: str | None) -> Release:
    """The release of the program in an image.

    Args:
        where: the pin or image, for errors.
        argument: the name of the argument that has the version.
        version: the image's tag, its digest, or both.
        release: the release, if the version does not begin with it.

    Raises:
        ValueError: the version begins with no release, and `release` is not set; the two have different minor releases.
    """
    in_tag = said_release(version)
    if release is None:
        if in_tag is None:
            remedy = "Use a version that begins with its release, or name the release, such as release='1.11.0'"
            raise invalid(where, argument, version, remedy)
        return in_tag
    try:
        given = parse_release(release)
    except ValueError:
        raise invalid(where, "release", release, "Use the release of this version, such as '1.11.0'") from None
    if in_tag is not None and given != in_tag:
        remedy = (
            f"Remove it, or use {in_tag.major}.{in_tag.minor}: {argument}={version!r} begins with that. If that is not "
            f"its release, use a tag that begins with a letter, such as 'build-{version}'"
        )
        raise invalid(where, "release", release, remedy)
    return given


def require_tag(variable: TerraformVariable, pin: Pin, repository: str) -> None:
    """Make the variable refuse a digest without a tag, because another image is pulled by the tag.

    Args:
        variable: the pin's variable on a stack.
        pin: the pin.
        repository: repository of the other image.
    """
    message = f"{pin.variable} must be a tag, or tag@digest: {repository} is pulled by the same tag."
    known = _ruled.setdefault(variable, set())
    if message not in known:
        known.add(message)
        condition = f'${{!startswith(var.{pin.variable}, "sha256:")}}'
        variable.add_validation(condition=condition, error_message=message)


def require_same_configuration(
    variable: TerraformVariable,
    *,
    member: str,
    pin: Pin,
    known: Sequence[tuple[int, int]],
    configuration: Callable[[Release], object],
) -> None:
    """Make the variable refuse releases that need another configuration than the pin's default.

    A variable's value is not known at synth, so the flags are those for the pin's default. The value must be a release
    with the same configuration. A bare digest is accepted, as nothing shows its release.

    Args:
        variable: the pin's variable on the member's stack.
        member: the member that is configured, for the message.
        pin: the pin.
        known: the minor releases of the component.
        configuration: returns the configuration for a release. Equal results mean equal configurations.
    """
    default_configuration = configuration(pin.parsed_release())
    names, minors = [], []
    for major, minor in known:
        same = [p for p in _PATCHES if configuration(Release(major, minor, p)) == default_configuration]
        if same:
            patches = "" if len(same) == len(_PATCHES) else f"[.]({'|'.join(map(str, same))})"
            names.append(f"{major}[.]{minor}{patches}")
            minors.append(f"{major}.{minor}" + (" (in part)" if patches else ""))
    same_flags = f"{minors[0]} to {minors[-1]}" if minors else pin.default
    message = (
        f"{pin.variable}: {literal(member)} was synthesised with the flags of releases {same_flags}. "
        "For another release change the pin in the program (main.py) instead of the variable."
    )
    ruled = _ruled.setdefault(variable, set())
    if message in ruled:
        return
    ruled.add(message)
    # Anything but a digit may follow the minor release: "1.1.01.1.0-2.0.107.ubuntu1404" is a real tag.
    releases = f"v?({'|'.join(names)})([^0-9].*)?|" if names else ""
    default = pin.default.replace(".", "[.]")
    variable.add_validation(
        condition=f'${{can(regex("^({releases}{DIGEST}|{default})$", var.{pin.variable}))}}', error_message=message
    )
