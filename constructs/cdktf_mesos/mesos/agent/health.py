"""When a Mesos agent serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe
from cdktf_mesos.security.security import Security


def probe(port: int, security: Security | None = None) -> Probe:
    """The probe of an agent.

    Args:
        port: port of the agents.
        security: the security of the cluster; by default it is open, and the questions carry no login.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, status=status, login=security.login() if security else None)
