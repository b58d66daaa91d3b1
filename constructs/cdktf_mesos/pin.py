"""Pins: the version of a component as a Terraform variable, on every stack that uses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cdktf import TerraformStack, TerraformVariable

from cdktf_mesos.errors import invalid
from cdktf_mesos.release import Release, parse_release

# What Docker takes for a tag and for a digest (distribution/reference); RE2 and Python read both alike.
TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = "sha256:[0-9a-f]{64}"
VERSION = f"({TAG}|{DIGEST}|{TAG}@{DIGEST})"


@dataclass(frozen=True)
class Pin:
    """The version of one component, as a Terraform variable whose default stands in the program.

    Args:
        variable: the variable's name, `mesos_version`.
        default: a tag, `1.11.0` or `1.4.0-rc5`; a digest, `sha256:…`; or both, `1.11.0@sha256:…`, where the digest
            says what is pulled and the tag what it is.
        release: the release that `default` is, where it does not say so itself (a digest, a tag of one's own).

    Raises:
        ValueError: a malformed variable name, tag or digest; a default whose release cannot be told.
    """

    variable: str
    default: str
    release: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]*", self.variable):
            raise invalid("Pin", "variable", self.variable, "a Terraform variable's name: lower case, digits and _")
        check_version(f"Pin {self.variable}", "default", self.default)
        self.parsed_release()

    def parsed_release(self) -> Release:
        """The release that the default stands for; configuration follows it, as the variable's value is not known."""
        return release_of(f"Pin {self.variable}", self.default, self.release)

    def declare(self, stack: TerraformStack) -> TerraformVariable:
        """The variable on `stack`, declared when it is first used there."""
        declared = stack.node.try_find_child(self.variable)
        if declared is None:
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
            return variable
        if not isinstance(declared, TerraformVariable) or declared.default != self.default:
            raise invalid(stack, self.variable, self.default, "the same default wherever a stack uses the pin")
        return declared


def check_version(where: str, argument: str, value: str) -> None:
    """Refuse what is neither a tag nor a digest."""
    if not re.fullmatch(VERSION, value):
        raise invalid(where, argument, value, "an image's tag (1.11.0), its digest (sha256:… of 64 hex digits) or both")


def release_of(where: str, version: str, release: str | None) -> Release:
    """The release that a tag or digest stands for."""
    try:
        return parse_release(release if release is not None else version.partition("@")[0])
    except ValueError:
        remedy = "has no release in it that could be read; say with release='1.11.0', say, what it is"
        raise invalid(where, "version" if release is None else "release", release or version, remedy) from None


def require_generation(
    variable: TerraformVariable,
    *,
    member: str,
    pin: Pin,
    known: Sequence[tuple[int, int]],
    configuration: Callable[[Release], object],
) -> None:
    """Let the variable take only values for which the program would have written the same configuration.

    A variable's value is not known when the program runs, so flags follow the pin's default. A generation is the run
    of minor releases around the default whose configuration is the same. A bare digest says nothing about its release
    and is taken at its word.
    """
    release = pin.parsed_release()
    wanted = configuration(release)
    same = [minor for minor in known if configuration(Release(*minor)) == wanted]
    generation = _run_around((release.major, release.minor), same, known)
    names = "|".join(f"{major}[.]{minor}" for major, minor in generation)
    named = f"|{pin.default.replace('.', '[.]')}" if pin.release is not None else ""
    first, last = (".".join(map(str, minor)) for minor in (generation[0], generation[-1]))
    message = (
        f"{pin.variable}: {member} was synthesised with the flags of releases {first} to {last}. "
        "For another release change the pin in the program (main.py) instead of the variable."
    )
    if message in [rule.error_message for rule in variable.validation or []]:
        return
    # "1.1.01.1.0-2.0.107.ubuntu1404" is a real tag: what follows the minor is free, but for a further digit.
    variable.add_validation(
        condition=f'${{can(regex("^(v?({names})([^0-9].*)?|{DIGEST}{named})$", var.{pin.variable}))}}',
        error_message=message,
    )


def _run_around(
    minor: tuple[int, int], same: Sequence[tuple[int, int]], known: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    if minor not in known:
        return [minor]
    first = last = known.index(minor)
    while first > 0 and known[first - 1] in same:
        first -= 1
    while last + 1 < len(known) and known[last + 1] in same:
        last += 1
    return list(known[first : last + 1])
