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

# What Docker takes for a tag and for a digest (distribution/reference); RE2 and Python read both alike.
TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = "sha256:[0-9a-f]{64}"
VERSION = f"({TAG}|{DIGEST}|{TAG}@{DIGEST})"

# Terraform keeps these for itself (Terraform docs, input variables).
_RESERVED = ("source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals")

# How far a minor release that divides into two configurations is looked at; Mesos got to 4, ZooKeeper to 14.
_PATCHES = range(20)

# Variables by name and default: to ask jsii what a stack has costs each member some milliseconds.
_declared: WeakKeyDictionary[TerraformStack, dict[tuple[str, str], TerraformVariable]] = WeakKeyDictionary()

# The rules of `require_tag` by variable, for the same reason: agents ask for each release.
_tagged: WeakKeyDictionary[TerraformVariable, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Pin:
    """The version of one component, as a Terraform variable whose default stands in the program.

    Args:
        variable: the variable's name, `mesos_version`.
        default: a tag, `1.11.0` or `1.4.0-rc5`; a digest, `sha256:…`; or both, `1.11.0@sha256:…`, where the digest
            says what is pulled and the tag what it is.
        release: the release that `default` is, where it does not say so itself (a digest, a tag of one's own).

    Raises:
        ValueError: a malformed variable name, tag or digest; a default whose release cannot be told, or that begins
            with another than `release`.
    """

    variable: str
    default: str
    release: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]*", self.variable) or self.variable in _RESERVED:
            raise invalid(
                "Pin", "variable", self.variable, "a name that Terraform takes for a variable: 'mesos_version'"
            )
        check_version(f"Pin {self.variable}", "default", self.default)
        self.parsed_release()

    def parsed_release(self) -> Release:
        """The release that the default stands for; configuration follows it, as the variable's value is not known."""
        return release_of(f"Pin {self.variable}", "default", self.default, self.release)

    def declare(self, stack: TerraformStack) -> TerraformVariable:
        """The variable on `stack`, declared when it is first used there."""
        here = _declared.setdefault(stack, {})
        if (self.variable, self.default) in here:
            return here[self.variable, self.default]
        declared = stack.node.try_find_child(self.variable)
        if isinstance(declared, TerraformVariable) and declared.default == self.default:
            return declared
        if declared is not None:
            raise invalid(stack, self.variable, self.default, "the same default wherever a stack uses the pin")
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
    """Refuse what is neither a tag nor a digest."""
    if not re.fullmatch(VERSION, value):
        raise invalid(where, argument, value, "an image's tag (1.11.0), its digest (sha256:… of 64 hex digits) or both")


def said_release(version: str) -> Release | None:
    """The release that a tag, or the tag beside a digest, begins with; None where it says nothing of it."""
    try:
        return parse_release(version.partition("@")[0])
    except ValueError:
        return None


def release_of(where: str, argument: str, version: str, release: str | None) -> Release:
    """The release that a tag or digest stands for.

    Args:
        where: whose version it is, for messages.
        argument: its name there.
        version: the tag, the digest or both.
        release: what it is, where the version does not say so itself.

    Raises:
        ValueError: neither says a release, or each another minor release.
    """
    said = said_release(version)
    if release is None:
        if said is None:
            right = "a version that begins with a release, or release='1.11.0' beside it to say what it is"
            raise invalid(where, argument, version, right)
        return said
    try:
        given = parse_release(release)
    except ValueError:
        raise invalid(where, "release", release, "the release that the version is: '1.11.0'") from None
    if said is not None and given != said:
        right = (
            f"left out, or {said.major}.{said.minor}, as {argument}={version!r} begins with that; or, where that is no "
            f"release of it, a tag that begins with a letter: 'build-{version}'"
        )
        raise invalid(where, "release", release, right)
    return given


def require_tag(variable: TerraformVariable, pin: Pin, repository: str) -> None:
    """Let the variable take no digest alone, since another image is pulled by its tag.

    Args:
        variable: the pin's variable on a stack.
        pin: the pin.
        repository: of the other image.
    """
    message = f"{pin.variable} must be a tag, or tag@digest: the tag says which {repository} goes with it."
    known = _tagged.setdefault(variable, set())
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
    """Let the variable take only values for which the program would have written the same configuration.

    A variable's value is not known when the program runs, so flags follow the pin's default, and the value must be a
    release with the same configuration. A bare digest says nothing about its release and is taken at its word.

    Args:
        variable: the pin's variable on the member's stack.
        member: who is configured, for the message.
        pin: the pin.
        known: the minor releases of the component.
        configuration: what the program would have written for a release; equal for equal configurations.
    """
    wanted = configuration(pin.parsed_release())
    names, minors = [], []
    for major, minor in known:
        same = [patch for patch in _PATCHES if configuration(Release(major, minor, patch)) == wanted]
        if same:
            patches = "" if len(same) == len(_PATCHES) else f"[.]({'|'.join(map(str, same))})"
            names.append(f"{major}[.]{minor}{patches}")
            minors.append(f"{major}.{minor}" + (" (in part)" if patches else ""))
    same_flags = f"{minors[0]} to {minors[-1]}" if minors else pin.default
    message = (
        f"{pin.variable}: {literal(member)} was synthesised with the flags of releases {same_flags}. "
        "For another release change the pin in the program (main.py) instead of the variable."
    )
    if message in [rule.error_message for rule in variable.validation or []]:
        return
    # "1.1.01.1.0-2.0.107.ubuntu1404" is a real tag: what follows the minor is free, but for a further digit.
    released = f"v?({'|'.join(names)})([^0-9].*)?|" if names else ""
    itself = pin.default.replace(".", "[.]")
    variable.add_validation(
        condition=f'${{can(regex("^({released}{DIGEST}|{itself})$", var.{pin.variable}))}}', error_message=message
    )
