"""When an instance of Marathon serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """An instance serves when it knows the leader; the leader, when the masters have registered it as well.

    Args:
        port: of the instances.
        authenticated: whether they have `--http_credentials`. Then only `/ping` answers without a password; it says no
            more than that the instance is up.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, "/ping" if authenticated else "/v2/leader", status=status)
