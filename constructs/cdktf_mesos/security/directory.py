"""The directory of a cluster's secrets: one file for each principal, whose text is the secret alone."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from pathlib import Path

from cdktf_mesos.errors import invalid
from cdktf_mesos.whole_file import write_whole

PRINCIPALS = ("agent", "marathon", "operator", "probe", "zookeeper")
"""The principals of a cluster. Each has a file of its name."""

FRAMEWORK = "framework-"
"""Prefix of the principals of further frameworks, such as `framework-chronos`. Their files are optional."""

# A further file, such as `agent-2`, is for rotation. `marathon` has none: masters before 1.9 abort when a running
# framework comes back with another principal, and later masters refuse it (MESOS-2842; src/master/validation.cpp).
# `zookeeper` has none, because znodes have only one owner here.
_ROTATED = ("agent", "operator", "probe")

RENDERED = "rendered"
"""The directory below it with the files that a synth writes for the containers."""

# Safe in all formats are letters and digits: no blank (Mesos's text form), no ':' (HTTP basic authentication), none of
# '@', '/' and ',' (ZooKeeper's URLs).
_CHARACTERS = string.ascii_letters + string.digits

# 40 characters out of 62 are 238 bits. The state has digests of secrets, so none may be short enough to be guessed.
_LENGTH, _SHORTEST, _LONGEST = 40, 20, 128


def make_secrets(directory: Path) -> list[str]:
    """Make the directory, and a random secret for each principal that has none. What is there stays as it is.

    Returns:
        the names of the new files.

    Raises:
        OSError: the directory cannot be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = directory / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    there = [each.name for each in directory.iterdir()]
    missing = [name for name in PRINCIPALS if not versions_of(name, there)]
    for name in missing:
        write_whole(directory / name, "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH)))
    return missing


def read_secrets(directory: str) -> dict[str, str]:
    """The secrets of a directory, by the names of their principals.

    Raises:
        ValueError: something in it is missing, malformed, unknown or readable by others.
    """
    place = Path(directory)
    command = f"cdktf-mesos secrets {directory}"
    if not directory or not place.is_dir():
        raise _wrong(directory, f"There is no such directory. Make it with: {command}")
    _check_mode(place, 0o700)
    names = [each.name for each in sorted(place.iterdir()) if each.is_file() and not each.name.startswith(".")]
    for name in names:
        if not (name in PRINCIPALS or _base(name) in _ROTATED or re.fullmatch(f"{FRAMEWORK}[a-z0-9-]+", name)):
            remedy = (
                f"Remove it: the files here are {', '.join(PRINCIPALS)}; for a rotation "
                f"{', '.join(f'{each}-2' for each in _ROTATED)} and so on; and {FRAMEWORK}<name> for further frameworks"
            )
            raise _wrong(f"{directory}/{name}", remedy)
    for name in PRINCIPALS:
        if not versions_of(name, names):
            raise _wrong(f"{directory}/{name}", f"This file is missing. Make it with: {command}")
    return {name: _read(place / name) for name in names}


def versions_of(principal: str, names: Iterable[str]) -> list[str]:
    """The names of a principal, the oldest first: itself, then itself with `-2`, and so on."""
    return sorted((name for name in names if _base(name) == principal), key=_number)


def _base(name: str) -> str:
    return re.sub(r"-(?:[2-9]|[1-9][0-9]+)\Z", "", name)


def _number(name: str) -> int:
    return int(name.rpartition("-")[2]) if "-" in name else 1


def _read(path: Path) -> str:
    _check_mode(path, 0o600)
    # As bytes: text would hide an end of line.
    text = path.read_bytes().decode("utf-8", errors="replace")
    if not re.fullmatch(f"[A-Za-z0-9]{{{_SHORTEST},{_LONGEST}}}", text):
        form = f"{_SHORTEST} to {_LONGEST} letters and digits of ASCII, and nothing else: no blank, no end of line"
        raise _wrong(str(path), f"Write {form}. printf '%s' writes no end of line")
    return text


def _check_mode(path: Path, wanted: int) -> None:
    mode = path.stat().st_mode & 0o7777
    if mode != wanted:
        raise _wrong(str(path), f"Its mode is {mode:04o}. Run: chmod {wanted:04o} {path}")


def _wrong(path: str, remedy: str) -> ValueError:
    return invalid("Security", "secrets", path, remedy)
