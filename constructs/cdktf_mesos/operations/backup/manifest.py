"""The manifest of an archive: what it is, and the sizes and digests of its files."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FORMAT = 1
"""The version of the format. It changes when an older `restore` could not use the archive rightly."""

DATA, LOGS, STATES = "zookeeper/data/version-2", "zookeeper/log/version-2", "terraform"
"""Where an archive has ZooKeeper's snapshot and epochs, its logs, and Terraform's states."""

# A part's name: a file in one of these directories.
_NAME = re.compile(rf"(?:{DATA}|{LOGS}|{STATES})/[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Part:
    """A file of the archive.

    Args:
        size: its length in bytes.
        sha256: its digest.
        owner: the numbers of its user and its group on the machine that it comes from.
    """

    size: int
    sha256: str
    owner: tuple[int, int]


@dataclass(frozen=True)
class Manifest:
    """What an archive is.

    Args:
        cluster: the cluster's name.
        ensemble: the path of the ensemble's construct.
        made: when it was made, such as `2026-11-29T06:50:00Z`.
        release: the release of the server that the data come from.
        zxid: the last transaction in it, such as `0x10000002a`.
        acknowledged: the last transaction that any server had applied when the backup began. `zxid` is not less.
        source: the machine that the data come from.
        mode: what its server was: follower, leader or standalone.
        servers: the addresses of all servers, with their ports.
        pins: the defaults of the pins, by the names of their variables.
        agents: the ids of the agents that the leading master listed, by address; None if it listed none.
        parts: its files, by their names.
        raw: whether the server's files are as they were on its disk, as in archives that a timer made. Then `zxid` is
            only the least that is in them, and what the server was writing at the end of a log is still there.
        format: the version of the format.
    """

    cluster: str
    ensemble: str
    made: str
    release: str
    zxid: str
    acknowledged: str
    source: str
    mode: str
    servers: Sequence[str]
    pins: Mapping[str, str]
    agents: Mapping[str, str] | None
    parts: Mapping[str, Part] = field(default_factory=dict)
    raw: bool = False
    format: int = FORMAT

    def text(self) -> bytes:
        """The manifest as the archive has it."""
        return json.dumps(dataclasses.asdict(self), indent=2).encode()

    @property
    def last(self) -> int:
        """The last transaction, as a number."""
        return int(self.zxid, 16)

    def parts_in(self, directory: str) -> dict[str, Part]:
        """The files of a directory of the archive, by their names without it."""
        found = ((name.rpartition("/"), part) for name, part in self.parts.items())
        return {name: part for (place, _, name), part in found if place == directory}


def read_manifest(text: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ValueError: it is not one, or has another format.
    """
    try:
        found = json.loads(text)
        version = found["format"]
        if version == FORMAT:
            parts = {
                name: Part(each["size"], each["sha256"], tuple(each["owner"])) for name, each in found["parts"].items()
            }
            known = {each.name for each in dataclasses.fields(Manifest)}
            manifest = Manifest(**{key: value for key, value in {**found, "parts": parts}.items() if key in known})
            if not isinstance(manifest.zxid, str) or not all(map(_NAME.fullmatch, parts)) or manifest.last < 0:
                raise ValueError
            return manifest
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError("it is not an archive of cdktf-mesos backup: its manifest cannot be read") from None
    raise ValueError(f"its format is {version}, this cdktf-mesos reads format {FORMAT}: use the one that made it")
