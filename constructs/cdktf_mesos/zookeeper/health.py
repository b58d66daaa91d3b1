"""When a ZooKeeper server serves within its ensemble."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int) -> Probe:
    """The probe of a server, on its client port.

    When an ensemble grows from three servers to five, the first new server waits for the second, and counts as healthy
    meanwhile: with five servers in its list, it does not follow a leader that only two servers with a list of three
    follow.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, forms_with=lambda count: count // 2 + 1, waits=True, status=status)
