"""Keeps what was synthesised: a synth takes most of the time of a small cluster's start, and starts Node."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import cdktf_mesos
from cdktf_mesos.cdk import library
from cdktf_mesos.host.engine_facts import EngineFacts, facts_of
from cdktf_mesos.operations.engine import engine
from cdktf_mesos.throwaway import store
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.whole_file import write_whole

# How long the engine may take to say what it is, in seconds.
_PATIENCE = 10

# Files that a synth depends on.
_SOURCES = (".py", ".sh", ".lua")

# How many documents are kept; those that were not used for the longest time go.
_KEPT = 50


def document_of(cluster: Cluster) -> dict[str, Any]:
    """The Terraform of a cluster: what was synthesised before for the same cluster by the same package, or new.

    Args:
        cluster: the cluster.

    Raises:
        RuntimeError: the engine cannot be reached.
        ValueError: a version, or a combination of versions, that is not possible.
    """
    with engine(cluster.connection, _PATIENCE) as client:
        facts = facts_of(client.version(), client.info())
    home = store.home_label()
    path = _directory() / f"{_key(cluster, home, facts)}.tf.json"
    with contextlib.suppress(OSError, ValueError):
        document: dict[str, Any] = json.loads(path.read_text())
        path.touch()
        return document
    # Not at the top: it starts Node.
    from cdktf_mesos.throwaway.program import synthesise

    document = synthesise(cluster, home, facts)
    # A full disk costs only the time of the next synth.
    with contextlib.suppress(OSError):
        _keep(document, path)
    return document


def _keep(document: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(document))
    for old in sorted(path.parent.glob("*.tf.json"), key=lambda each: each.stat().st_mtime)[:-_KEPT]:
        old.unlink(missing_ok=True)


def _directory() -> Path:
    return store.cache() / "documents"


def _key(cluster: Cluster, home: str, facts: EngineFacts) -> str:
    """A fingerprint of all that a synth depends on."""
    cdk = f"{library()} {metadata.version(library())}"
    decides = dataclasses.asdict(dataclasses.replace(cluster, ready=False, owned=False))
    digest = sha256(json.dumps([decides, home, facts, cdk], sort_keys=True).encode())
    package = Path(cdktf_mesos.__file__).parent
    for path in sorted(each for each in package.rglob("*") if each.suffix in _SOURCES):
        digest.update(f"\n{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:32]
