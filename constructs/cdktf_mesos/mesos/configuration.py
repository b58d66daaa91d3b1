"""How masters and agents get their flags: the construct's own as `MESOS_…` variables, the user's as arguments.

Mesos ignores an unknown `MESOS_…` variable, but exits on an unknown flag on the command line. So the user's flags are
arguments, where a mistake is noticed. Releases up to 0.28 exit if a flag is in both places (Mesos docs, configuration).
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

# Flags that conflict with flags of the construct, and what Mesos does if it gets both (src/master/main.cpp,
# src/slave/main.cpp; docs/configuration).
_CONFLICTS = {
    "hostname_lookup": "it has no effect together with --hostname, which the construct sets",
    "ip_discovery_command": "Mesos exits if it gets this flag and --ip, which the construct sets",
    "master_contender": "Mesos exits if it gets this flag and --zk, which the construct sets",
    "master_detector": "Mesos exits if it gets this flag and the address of ZooKeeper, which the construct sets",
    "systemd_runtime_directory": "it has no effect, as agents run without systemd",
}


def check_flags(
    role: Construct,
    program: Program,
    release: Release,
    user_flags: Mapping[str, FlagValue],
    *,
    reserved: Collection[str],
    environment: Collection[str],
) -> None:
    """Refuse a flag that the release does not have, that the construct sets, that conflicts with one, or is set twice.

    Args:
        role: the role that gets the flags.
        program: the program that gets the flags.
        release: the program's release.
        user_flags: the flags.
        reserved: the flags that the construct sets.
        environment: the names of the container's further variables; `MESOS_X` is the flag x.
    """
    variables = {name.removeprefix("MESOS_").lower(): name for name in environment if name.startswith("MESOS_")}
    for name, value in user_flags.items():
        if not isinstance(value, str | int | float):
            raise invalid(role, f"flags[{name!r}]", shown(name, value), "Use text, a number, True or False")
    for name in [*user_flags, *variables]:
        in_flags = name in user_flags
        argument, value = (
            (f"flags[{name!r}]", shown(name, user_flags[name]))
            if in_flags
            else ("options.environment", variables[name])
        )
        if name in reserved:
            raise invalid(role, argument, value, "Use the arguments of the construct instead: it sets this flag itself")
        if name in _CONFLICTS:
            raise invalid(role, argument, value, f"Remove it: {_CONFLICTS[name]}")
        if name not in flags(program, release):
            remedy = f"Use a flag of mesos-{program} {release}. {hint(program, name, release)}"
            raise invalid(role, argument, value, remedy)
        if (in_flags and name in variables) or RENAMED.get(name) in {*user_flags, *variables}:
            other = RENAMED.get(name, name)
            remedy = f"Set the flag only once, under one name: {other!r} is set as well, and Mesos does not accept both"
            raise invalid(role, argument, value, remedy)


def all_flags(user_flags: Mapping[str, FlagValue], environment: Mapping[str, str]) -> dict[str, FlagValue]:
    """The user's flags, together with those that the container's further variables set."""
    variables = {
        name.removeprefix("MESOS_").lower(): value for name, value in environment.items() if name.startswith("MESOS_")
    }
    return {**variables, **user_flags}


def log_mounts(
    role: Construct, directory: str, values: Mapping[str, FlagValue], mounts: Sequence[Mount]
) -> list[Mount]:
    """The mount for log files, if the flag `log_dir` is set. Without it, Mesos logs to stderr only.

    Args:
        role: the role that gets the flag.
        directory: the member's directory on its host.
        values: all flags that are set.
        mounts: the user's mounts. One at the path of `log_dir` replaces the member's own.
    """
    if "log_dir" not in values:
        return []
    path = absolute_path(role, "flags['log_dir']", _text(values["log_dir"]))
    return [] if path in [mount.target for mount in mounts] else [Mount(f"{directory}/log", path)]


def configured(
    program: Program, release: Release, own_flags: Mapping[str, str], user_flags: Mapping[str, FlagValue]
) -> tuple[dict[str, str], list[str]]:
    """The variables for the construct's flags and the arguments for the user's; only flags that the release has."""
    has = flags(program, release)
    environment = {f"MESOS_{name.upper()}": value for name, value in own_flags.items() if name in has}
    return environment, [f"--{name}={_text(value)}" for name, value in user_flags.items() if name in has]


def _text(value: FlagValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
