"""Where throwaway clusters are kept: a directory for each, below the user's state directory."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import socket
from pathlib import Path

from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.held import is_held
from cdktf_mesos.whole_file import write_whole

_FILE = "cluster.json"


def home() -> Path:
    """The directory of all clusters: `$XDG_STATE_HOME/cdktf-mesos/throwaway` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    state = Path(base) if base.startswith("/") else Path.home() / ".local/state"
    return state / "cdktf-mesos/throwaway"


def cache() -> Path:
    """The directory of what can be made again: `$XDG_CACHE_HOME/cdktf-mesos/throwaway`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    directory = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return directory / "cdktf-mesos/throwaway"


def home_label() -> str:
    """The machine and the directory, as a label of containers: an engine may have clusters of other users, too."""
    return f"{socket.gethostname()}:{home()}"


def directory(name: str) -> Path:
    """The directory of a cluster."""
    return home() / name


def lock(name: str) -> Path:
    """The file that a command holds while it works on a cluster. Names of clusters have no dots."""
    return home() / f"{name}.lock"


def owner(name: str) -> Path:
    """The file that a process holds to which a cluster belongs."""
    return home() / f"{name}.owner"


def names() -> list[str]:
    """The names of all clusters, of those whose start was not finished, too."""
    return sorted(path.parent.name for path in home().glob(f"*/{_FILE}"))


def read(name: str) -> Cluster | None:
    """A cluster; None if there is none of this name.

    Raises:
        UnreadableError: the file is not readable.
    """
    path = directory(name) / _FILE
    try:
        document = json.loads(path.read_text())
        return Cluster(**{**document, "blocks": tuple(document["blocks"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as problem:
        raise UnreadableError(f"{path} cannot be read: {problem}. `down --name {name}` removes the cluster") from None


def write(cluster: Cluster) -> None:
    """Write what is known of a cluster, whole or not at all."""
    path = directory(cluster.name) / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(dataclasses.asdict(cluster), indent=2) + "\n")


def remove_state(name: str) -> None:
    """Remove Terraform's files of a cluster, but not what says that there is one."""
    for path in directory(name).iterdir():
        if path.name != _FILE:
            path.unlink()


def forget(name: str) -> None:
    """Remove the directory of a cluster."""
    shutil.rmtree(directory(name), ignore_errors=True)


def is_leftover(cluster: Cluster) -> bool:
    """Whether nobody can want it: its start was not finished, or the process that it belonged to has ended.

    The caller holds the cluster's lock. So no other command is about to finish its start.
    """
    return not cluster.ready or (cluster.owned and not is_held(owner(cluster.name)))


class UnreadableError(RuntimeError):
    """What is known of a cluster cannot be read, for example since another release of this package has written it."""


def get(name: str) -> Cluster:
    """A cluster, also one whose start was not finished.

    Raises:
        RuntimeError: there is none of this name.
    """
    cluster = read(name)
    if cluster is None:
        known = ", ".join(names())
        raise RuntimeError(f"there is no cluster {name!r}: " + (f"there are {known}" if known else "`up` starts one"))
    return cluster
