"""When an instance of Marathon serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """The probe of an instance. It serves when it knows the leader. The leader must also be registered with masters.

    Args:
        port: port of the instances' API.
        authenticated: whether the instances have the flag `--http_credentials`. Then only `/ping` answers without a
            password, and it only shows that the instance is up.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, "/ping" if authenticated else "/v2/leader", status=status)
