"""When an instance of Marathon serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe
from cdktf_mesos.security.files import SecretFile


def probe(port: int, login: SecretFile | None = None) -> Probe:
    """The probe of an instance. It serves when it knows the leader. The leader must also be registered with masters.

    Args:
        port: port of the instances' API.
        login: the file with the login to the API; by default the cluster is open, and the questions carry none.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("questions.sh", "status.sh"))
    return Probe(port, questions, "/v2/leader", status=status, login=login)
