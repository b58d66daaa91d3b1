"""When a Mesos master serves within its set."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe
from cdktf_mesos.security.security import Security
from cdktf_mesos.tls.tls import Tls


def probe(port: int, security: Security | None = None, tls: Tls | None = None) -> Probe:
    """The probe of a master.

    While a set is being formed, it needs all of its members: a replicated log that is empty on all masters starts only
    when all replicas are there (Mesos docs, replicated log).

    Args:
        port: port of the masters.
        security: the security of the cluster; by default it is open, and the questions carry no login.
        tls: the TLS of the cluster; by default there is none.
    """
    questions, status = (Path(__file__).with_name(name) for name in ("master_questions.sh", "master_status.sh"))
    return Probe(
        port,
        questions,
        forms_with=lambda count: count,
        status=status,
        login=security.login() if security else None,
        ca=tls.ca if tls else None,
        may_be_plain=tls is not None and not tls.required,
    )
