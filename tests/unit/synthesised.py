"""The synthesised JSON of clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cdktf_mesos.cdk import App
from stacks import Cluster, add_cluster

Document = dict[str, Any]

# The JSON of what `synthesised` has made, by the settings of the clusters.
_made: dict[str, str] = {}


@dataclass(frozen=True)
class Synthesised:
    """The synthesised JSON of an application.

    Args:
        documents: the JSON of each stack, by the stack's name.
        dependencies: the stacks that each stack depends on.
        warnings: the warnings in the stacks, which cdktf shows.
    """

    documents: dict[str, Document]
    dependencies: dict[str, list[str]]
    warnings: list[str]

    def of(self, kind: str, stack: str = "") -> dict[str, Document]:
        """The resources of a kind, by their construct paths, in all stacks or in one."""
        return {
            path: body for document, path, name, body in self.resources() if name == kind and stack in ("", document)
        }

    def resources(self) -> Iterator[tuple[str, str, str, Document]]:
        """Stack, path, kind and arguments of all resources."""
        for name, document in self.documents.items():
            for kind, path, body in resources(document):
                yield name, path, kind, body


def resources(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Document]]:
    """Kind, construct path and arguments of each resource of a stack."""
    for kind, named in document.get("resource", {}).items():
        for body in named.values():
            yield kind, body["//"]["metadata"]["path"], body


def containers(document: Mapping[str, Any]) -> dict[str, Document]:
    """The containers of a stack, by their names on the engine."""
    return {each["name"]: each for each in document.get("resource", {}).get("docker_container", {}).values()}


def synthesised(*clusters: Cluster) -> Synthesised:
    """The stacks of an application with these clusters.

    Equal settings are synthesised once in a process. So this is only for programs that depend on nothing else, such as
    states in the directory or the content of files.
    """
    settings = repr(clusters)
    if settings not in _made:
        with TemporaryDirectory() as directory:
            _made[settings] = json.dumps(vars(synthesise(Path(directory), *clusters)))
    return Synthesised(**json.loads(_made[settings]))


def synthesise(directory: Path, *clusters: Cluster) -> Synthesised:
    """The stacks of an application with these clusters, synthesised in a directory."""
    app = App(outdir=str(directory))
    for each in clusters:
        add_cluster(app, each)
    app.synth()
    found = json.loads((directory / "manifest.json").read_text())["stacks"]
    return Synthesised(
        {name: json.loads((directory / each["synthesizedStackPath"]).read_text()) for name, each in found.items()},
        {name: each["dependencies"] for name, each in found.items()},
        [note["message"] for each in found.values() for note in each["annotations"]],
    )
