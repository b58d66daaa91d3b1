"""When a Mesos master serves within its set."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """The probe of a master.

    While a set is being formed, it needs all of its members: a replicated log that is empty on all masters starts only
    when all replicas are there (Mesos docs, replicated log).

    Args:
        port: port of the masters.
        authenticated: whether the masters have the flag `authenticate_http_readonly`. Then only `/health` answers
            without a password, and it does not tell how many masters there are. A set that is to grow looks like one
            whose last members are down, so it grows only with an override.
    """
    if authenticated:
        return Probe.http(port, "/health", forms_with=lambda count: count, release_path="/version")
    questions, status = (Path(__file__).with_name(name) for name in ("master_questions.sh", "master_status.sh"))
    return Probe(port, questions, forms_with=lambda count: count, status=status)
