"""When a Mesos master serves within its set."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """How masters are asked.

    A log that is empty everywhere starts only when all of its replicas are there (Mesos docs, replicated log).

    Args:
        port: of the masters.
        authenticated: whether they have `authenticate_http_readonly`. Then only `/health` answers without a password,
            and not how many masters there are. A set that is to grow looks like one whose last members are down, so it
            grows only with an override.
    """
    if authenticated:
        return Probe.http(port, "/health", forms_with=lambda count: count, release_path="/version")
    questions, status = (Path(__file__).with_name(name) for name in ("master_questions.sh", "master_status.sh"))
    return Probe(port, questions, forms_with=lambda count: count, status=status)
