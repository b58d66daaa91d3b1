"""The check before a member is brought to another stage of security: do the masters that run allow it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.security.security import STAGES, Security

_STAGE, FOLLOWS_MASTERS = (Path(__file__).with_name(name) for name in ("stage.sh", "follows_masters.sh"))


@dataclass(frozen=True)
class StageCheck:
    """A part of a member's preflight.

    Args:
        files: bash files that define the function `stage_follows`. It prints why the stage must not follow.
        environment: its variables, whose values may have tokens.
        secrets: further files that the preflight needs; by default there are none.
    """

    files: Sequence[Path]
    environment: Mapping[str, str]
    secrets: Sequence[SecretFile] = ()


def stage_check(rule: Path, security: Security | None, masters: Sequence[str], port: int) -> StageCheck:
    """The check that asks the masters at which stage they run.

    Args:
        rule: a bash file that defines `stage_follows`, such as FOLLOWS_MASTERS.
        security: the security of the program; None for an open cluster.
        masters: the masters' addresses.
        port: the masters' port.
    """
    stage = security.stage if security else STAGES[0]
    return StageCheck([_STAGE, rule], {"STAGE": stage, "MASTERS": " ".join(masters), "MASTERS_PORT": str(port)})


def skips_stages(setting: str, stages: Sequence[str], deployed: str, wanted: str) -> str | None:
    """Why the program's stage must not follow a deployed one, by the labels of the members; None if it may.

    Args:
        setting: the setting that has the stage, for the message.
        stages: all stages in their order.
        deployed: the stage that is deployed.
        wanted: the stage of the program.
    """
    before, after = stages.index(deployed), stages.index(wanted)
    if abs(before - after) <= 1:
        return None
    between = stages[before + 1 : after] if before < after else stages[before - 1 : after : -1]
    what = f"{stages[before]!r} is deployed, {stages[after]!r} is wanted"
    return f"{setting} skips a stage: {what}. Deploy {', then '.join(map(repr, between))} first"
