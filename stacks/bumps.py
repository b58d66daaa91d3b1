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


def check_bumps(cluster: Cluster, wanted: Mapping[Component, Image]) -> None:
    """Refuse a release that cannot follow the one that is deployed, by the states here in the directory.

    What each machine has is judged by itself, as a roll may have stopped halfway. A state that is elsewhere, in a
    bucket, is not read; nor can a digest be, that does not say what release it is.

    Args:
        cluster: the settings; with `any_bump` nothing is refused.
        wanted: the image of each component.

    Raises:
        ValueError: with the reason, its source, and what to deploy first.
    """
    if cluster.any_bump or (cluster.aws and cluster.aws.state_bucket):
        return
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}*.tfstate")):
        for container, component, deployed in _deployed(path, cluster.name):
            release = _wanted(wanted[component]) if component in wanted else deployed
            refusal = judge_bump(component, deployed, release)
            if refusal:
                raise ValueError(
                    f"Cluster: {component} {release}: {container} ({path.name}) is {deployed}, and {refusal.why} "
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


def _deployed(state: Path, cluster: str) -> Iterator[tuple[str, Component, Release]]:
    """The members in a state whose release can be told."""
    resources = json.loads(state.read_text() or "{}").get("resources", [])
    for resource in (each for each in resources if each["type"] == "docker_container"):
        for instance in resource["instances"]:
            attributes = instance.get("attributes", {})
            labels = {each["label"]: each["value"] for each in attributes.get("labels") or []}
            role, version = labels.get(f"{LABEL}role"), labels.get(f"{LABEL}version", "")
            for component in ("zookeeper", "master", "agent", "marathon"):
                if role == component and attributes["name"].startswith(f"{cluster}-"):
                    try:
                        yield attributes["name"], component, parse_release(version)
                    except ValueError:
                        continue
