"""How masters and agents are told their flags: the construct's own as `MESOS_…` variables, a user's as arguments.

Mesos ignores an unknown `MESOS_…` variable and ends at an unknown flag on the command line, so whatever a user adds
stands where a mistake is noticed. The same flag in both places ends releases up to 0.28 (Mesos docs, configuration).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from constructs import Construct

from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.host.host import absolute_path
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.flags import RENAMED, Program, flags, hint

FlagValue = str | int | float | bool

# Flags beside which those of the construct leave no room, and what Mesos makes of them (src/master/main.cpp,
# src/slave/main.cpp; docs/configuration).
_IN_VAIN = {
    "hostname_lookup": "it has no effect beside --hostname, which the construct says",
    "ip_discovery_command": "Mesos ends at it beside --ip, which the construct says",
    "master_contender": "Mesos ends at it beside --zk, which the construct says",
    "master_detector": "Mesos ends at it beside the address of ZooKeeper, which the construct says",
    "systemd_runtime_directory": "it has no effect, as agents run without systemd",
}


def check_flags(
    role: Construct,
    program: Program,
    release: Release,
    given: Mapping[str, FlagValue],
    *,
    owned: Collection[str],
    environment: Collection[str],
) -> None:
    """Refuse a flag that the release does not have, that the construct decides, that is in vain, or given twice.

    Args:
        role: who is given the flags.
        program: whose flags they are.
        release: of the program.
        given: the flags.
        owned: the flags that the construct decides.
        environment: the names of variables that are given beside them; `MESOS_X` is the flag x.
    """
    variables = {name.removeprefix("MESOS_").lower(): name for name in environment if name.startswith("MESOS_")}
    for name, value in given.items():
        if not isinstance(value, str | int | float):
            raise invalid(role, f"flags[{name!r}]", shown(name, value), "text, a number, True or False")
    for name in [*given, *variables]:
        in_flags = name in given
        argument, value = (
            (f"flags[{name!r}]", shown(name, given[name])) if in_flags else ("options.environment", variables[name])
        )
        if name in owned:
            raise invalid(role, argument, value, "an argument of the construct, which decides this flag")
        if name in _IN_VAIN:
            raise invalid(role, argument, value, f"another flag; {_IN_VAIN[name]}")
        if name not in flags(program, release):
            raise invalid(role, argument, value, f"a flag of mesos-{program} {release}; {hint(program, name, release)}")
        if (in_flags and name in variables) or RENAMED.get(name) in {*given, *variables}:
            right = f"given once; Mesos takes neither a flag twice nor both its names ({RENAMED.get(name, name)})"
            raise invalid(role, argument, value, right)


def all_flags(given: Mapping[str, FlagValue], environment: Mapping[str, str]) -> dict[str, FlagValue]:
    """The flags that are given as flags, and those that are given as variables beside them."""
    variables = {
        name.removeprefix("MESOS_").lower(): value for name, value in environment.items() if name.startswith("MESOS_")
    }
    return {**variables, **given}


def needs_password(given: Mapping[str, FlagValue]) -> bool:
    """Whether these flags close the metrics to those without a password (Mesos docs, authentication)."""
    return any(_text(given.get(name, False)) == "true" for name in ("authenticate_http", "authenticate_http_readonly"))


def log_mounts(role: Construct, directory: str, given: Mapping[str, FlagValue], mounts: Sequence[Mount]) -> list[Mount]:
    """Where log files are kept, if the flag `log_dir` asks for some; without it Mesos logs to stderr alone.

    Args:
        role: who is given the flag.
        directory: of the member on its host.
        given: all flags that are given.
        mounts: the user's; one at that path takes the place of the member's own.
    """
    if "log_dir" not in given:
        return []
    path = absolute_path(role, "flags['log_dir']", _text(given["log_dir"]))
    return [] if path in [mount.target for mount in mounts] else [Mount(f"{directory}/log", path)]


def configured(
    program: Program, release: Release, own: Mapping[str, str], given: Mapping[str, FlagValue]
) -> tuple[dict[str, str], list[str]]:
    """The variables and arguments for a release: of the flags wanted, those that it has."""
    has = flags(program, release)
    environment = {f"MESOS_{name.upper()}": value for name, value in own.items() if name in has}
    return environment, [f"--{name}={_text(value)}" for name, value in given.items() if name in has]


def _text(value: FlagValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
