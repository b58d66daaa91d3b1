"""When a Mesos agent serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """The probe of an agent.

    Args:
        port: port of the agents.
        authenticated: whether the agents have the flag `authenticate_http_readonly`. Then only `/health` answers
            without a password.
    """
    if authenticated:
        return Probe.http(port, "/health", release_path="/version")
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, status=status)
