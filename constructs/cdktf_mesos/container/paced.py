"""Health checks that tell Terraform at once when a container serves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cdktf_mesos import bindings, scripts

_SCRIPT = Path(__file__).with_suffix(".sh")

# Each container has its own /dev/shm, which is empty whenever the container starts (Docker docs, --shm-size).
_HAS_SERVED = "/dev/shm/cdktf-mesos-has-served"


def paced_health_check(
    command: Sequence[str], *, interval_seconds: int, first_seconds: int, limit_seconds: int
) -> bindings.ContainerHealthcheck:
    """A health check that passes as soon as the container serves for the first time, and then keeps its interval.

    Three checks in a row that fail make a container unhealthy (Docker's default).

    Args:
        command: a command that succeeds while the container serves.
        interval_seconds: the time between two checks, once the container has served.
        first_seconds: how long a check may wait for the container to serve for the first time.
        limit_seconds: how long the command may take.
    """
    arguments = [_HAS_SERVED, str(interval_seconds), str(first_seconds), *command]
    return bindings.ContainerHealthcheck(
        test=["CMD", *scripts.words("paced", _SCRIPT, arguments=arguments)],
        interval="200ms",
        timeout=_go_duration(max(interval_seconds, first_seconds) + limit_seconds),
        retries=3,
        start_period="0s",
    )


def _go_duration(seconds: int) -> str:
    """Seconds as Go prints a duration. With any other spelling (`60s` for `1m0s`), every plan would show a change."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
