"""When a Mesos agent serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """How agents are asked.

    Args:
        port: of the agents.
        authenticated: whether they have `authenticate_http_readonly`. Then only `/health` answers without a password.
    """
    if authenticated:
        return Probe.http(port, "/health", release_path="/version")
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, status=status)
