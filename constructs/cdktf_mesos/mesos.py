"""How masters and agents are told their flags: the construct's own as `MESOS_…` variables, a user's as arguments.

Mesos ignores an unknown `MESOS_…` variable and ends at an unknown flag on the command line, so whatever a user adds
stands where a mistake is noticed. The same flag in both places ends releases up to 0.28 (Mesos docs, configuration).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image import Image
from cdktf_mesos.mesos_families import Program
from cdktf_mesos.mesos_flags import MINORS, RENAMED, flags, hint
from cdktf_mesos.release import Release

FlagValue = str | int | float | bool

__all__ = ["MINORS", "FlagValue", "check_flags", "check_release", "configured"]


def check_release(role: Construct, image: Image) -> Release:
    """The release of the image; refused when it is older than the flags that are known."""
    release = image.parsed_release()
    if (release.major, release.minor) < MINORS[0]:
        oldest = ".".join(map(str, MINORS[0]))
        raise invalid(role, "image", str(image), f"Mesos {oldest} or later, not {release}")
    return release


def check_flags(
    role: Construct,
    program: Program,
    release: Release,
    given: Mapping[str, FlagValue],
    *,
    owned: Collection[str],
    environment: Collection[str],
) -> None:
    """Refuse a flag that the release does not have, that the construct decides, or that is given twice."""
    for name, value in given.items():
        if name in owned:
            raise invalid(role, f"flags[{name!r}]", value, "an argument of the construct, which decides this flag")
        if name not in flags(program, release):
            raise invalid(
                role, f"flags[{name!r}]", value, f"a flag of mesos-{program} {release}; {hint(program, name, release)}"
            )
        if RENAMED.get(name) in given:
            right = f"given once; flags[{RENAMED[name]!r}] is its new name, and Mesos takes no flag under both"
            raise invalid(role, f"flags[{name!r}]", value, right)
    for variable in environment:
        name = variable.removeprefix("MESOS_").lower()
        if variable.startswith("MESOS_") and (name in owned or name in given):
            raise invalid(role, "options.environment", variable, "an argument of the construct or one of its flags")


def configured(
    program: Program, release: Release, own: Mapping[str, str], given: Mapping[str, FlagValue]
) -> tuple[dict[str, str], list[str]]:
    """The variables and arguments for a release: of the flags wanted, those that it has."""
    has = flags(program, release)
    environment = {f"MESOS_{name.upper()}": value for name, value in own.items() if name in has}
    return environment, [f"--{name}={_text(value)}" for name, value in given.items() if name in has]


def _text(value: FlagValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
