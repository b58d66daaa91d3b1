"""When an instance of Marathon serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cdktf_mesos.marathon.https import QUESTIONS, Https
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


def with_https(probe: Probe, https: Https, addresses: Sequence[str]) -> Probe:
    """The probe of an instance with https. Its requests use https.

    Before the stage `required`, a request to another instance is sent again without TLS if that one has no https yet.

    Args:
        probe: the probe without https.
        https: its https.
        addresses: the addresses of all instances.
    """
    return replace(
        probe,
        port=https.port,
        further=(https.settings(probe.port, addresses), QUESTIONS),
        ca=https.tls.ca,
        may_be_plain=not https.required,
    )
