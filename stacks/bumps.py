"""Jumps from the deployed release of a component to the wanted one, judged before anything is planned."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cdktf_mesos import Image, Pin
from cdktf_mesos.bump import Component, judge_bump
from cdktf_mesos.options import LABEL
from cdktf_mesos.release import Release, parse_release
from stacks.settings import Cluster


def check_bumps(cluster: Cluster, wanted: Mapping[str, tuple[Component, Image]]) -> None:
    """Refuse a release that cannot follow the one that is deployed, by the states here in the directory.

    What each machine has is judged by itself, as a roll may have stopped halfway. A state that is elsewhere, in a
    bucket, is not read; nor can a digest be, that does not say what release it is.

    Args:
        cluster: the settings; with `any_bump` nothing is refused.
        wanted: the component and the image of each container, by its name.

    Raises:
        ValueError: with the reason, its source, and what to deploy first.
    """
    if cluster.any_bump or (cluster.aws and cluster.aws.state_bucket):
        return
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}*.tfstate")):
        for container, version in _deployed(path):
            component, image = wanted.get(container, (None, None))
            if component and image:
                _check(component, container, path, version, _wanted(image))


def _check(component: Component, container: str, state: Path, version: str, wanted: Release) -> None:
    try:
        deployed = parse_release(version)
    except ValueError:  # a digest
        return
    if refusal := judge_bump(component, deployed, wanted):
        raise ValueError(
            f"Cluster: {component} {wanted}: {container} ({state.name}) is {deployed}, and {refusal.why} "
            f"({refusal.source}). The path: {', then '.join(refusal.path)}; any_bump=True goes without"
        )


def _wanted(image: Image) -> Release:
    """The release, as Terraform will have it."""
    if isinstance(image.version, Pin) and (given := os.environ.get(f"TF_VAR_{image.version.variable}")):
        try:
            return parse_release(given)
        except ValueError:  # a digest; the plan says what else may be wrong with it
            return image.parsed_release()
    return image.parsed_release()


def _deployed(state: Path) -> Iterator[tuple[str, str]]:
    """The containers in a state, and the versions that they are labelled with."""
    resources = json.loads(state.read_text() or "{}").get("resources", [])
    for resource in (each for each in resources if each["type"] == "docker_container"):
        for attributes in (instance.get("attributes", {}) for instance in resource["instances"]):
            labels = {each["label"]: each["value"] for each in attributes.get("labels") or []}
            if f"{LABEL}version" in labels:
                yield attributes["name"], labels[f"{LABEL}version"]
