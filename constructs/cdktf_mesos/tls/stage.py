"""The check before a member is brought to another stage of TLS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cdktf_mesos.role.probe import TLS, TLS_OR_PLAIN
from cdktf_mesos.security.stage import StageCheck
from cdktf_mesos.tls.tls import Tls

_STAGE = Path(__file__).with_name("stage.sh")

TLS_FOLLOWS_MASTERS, ALL_HAVE_TLS = (
    Path(__file__).with_name(f"{name}.sh") for name in ("follows_masters", "all_have_tls")
)
"""Files with the conditions of agents, and of masters that answer over TLS only."""


def with_tls(check: StageCheck, tls: Tls | None, *rule: Path) -> StageCheck:
    """The check of a role whose probe has TLS: with the condition of its stage of TLS.

    Args:
        check: the check of the stage of security.
        tls: the TLS of the cluster; None if it has none, and then the check stays as it is.
        rule: a file with the role's own condition; by default the image must be able to ask over TLS.
    """
    return check if tls is None else replace(check, files=[*check.files, _STAGE, *rule])


def asking_over_tls(check: StageCheck, tls: Tls | None, port: int) -> StageCheck:
    """The check of a role that has no TLS itself, but whose preflight asks masters that may have it.

    Args:
        check: the check of the stage of security.
        tls: the TLS of the cluster; None if it has none, and then the check stays as it is.
        port: the masters' port.
    """
    if tls is None:
        return check
    asks: Sequence[Path] = [TLS] if tls.required else [TLS, TLS_OR_PLAIN]
    environment = {**check.environment, "TLS_PORT": str(port)}
    return StageCheck([*asks, *check.files, _STAGE], environment, [tls.ca])
