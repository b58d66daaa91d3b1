"""When a ZooKeeper server serves within its ensemble."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int) -> Probe:
    """How servers are asked on their client port.

    A server with a list of five follows no leader that only two others with a list of three follow, so the first one
    of an ensemble that grows waits for the second.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, forms_with=lambda count: count // 2 + 1, waits=True, status=status)
