"""When a ZooKeeper server serves within its ensemble."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int) -> Probe:
    """The probe of a server, on its client port.

    When an ensemble grows from three servers to five, the first new server waits for the second, and counts as healthy
    meanwhile. Its list has five servers. So it does not follow a leader whose only followers are two servers with a
    list of three.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, forms_with=lambda count: count // 2 + 1, waits=True, status=status)
