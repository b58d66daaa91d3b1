"""What an engine says about itself, as arguments of `DockerHost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class EngineFacts(TypedDict, total=False):
    """The arguments of `DockerHost` that say what is known of an engine and its machine."""

    engine_version: str
    least_api: str
    cgroup_version: int


def facts_of(version: Mapping[str, Any], info: Mapping[str, Any]) -> EngineFacts:
    """What an engine says about itself, without what it does not say.

    Args:
        version: its answer to `GET /version`.
        info: its answer to `GET /info`.
    """
    facts: EngineFacts = {}
    if version.get("Version"):
        facts["engine_version"] = version["Version"]
    if version.get("MinAPIVersion"):
        facts["least_api"] = version["MinAPIVersion"]
    if info.get("CgroupVersion") in ("1", "2"):
        facts["cgroup_version"] = int(info["CgroupVersion"])
    return facts
