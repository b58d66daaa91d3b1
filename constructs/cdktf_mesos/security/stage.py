"""The check before a member is brought to another stage of security: do the masters that run allow it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.security.security import STAGES, Security

_STAGE, FOLLOWS_MASTERS = (Path(__file__).with_name(name) for name in ("stage.sh", "follows_masters.sh"))


@dataclass(frozen=True)
class StageCheck:
    """A part of a member's preflight.

    Args:
        files: bash files that define the function `stage_follows`. It prints why the stage must not follow.
        environment: its variables, whose values may have tokens.
    """

    files: Sequence[Path]
    environment: Mapping[str, str]


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


def skips_stages(deployed: str, security: Security | None) -> str | None:
    """Why the program's stage must not follow a deployed one, by the labels of the members; None if it may.

    Args:
        deployed: the stage in the label; empty for an open cluster.
        security: the security of the program; None for an open cluster.
    """
    before, after = STAGES.index(deployed or STAGES[0]), STAGES.index(security.stage if security else STAGES[0])
    if abs(before - after) <= 1:
        return None
    between = STAGES[before + 1 : after] if before < after else STAGES[before - 1 : after : -1]
    wanted = f"{STAGES[before]!r} is deployed, {STAGES[after]!r} is wanted"
    return f"security skips a stage: {wanted}. Deploy {', then '.join(map(repr, between))} first"
