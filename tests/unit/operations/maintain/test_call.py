"""The request to a master from a container of one of the machines."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.operations.maintain.master import _CALL
from tests.unit.answers import HERE, answering

ANSWER = "HTTP/1.1 200 OK\r\n\r\n{}"


def call(port: int, certificates: Path, stage: str) -> str:
    tls = {"TLS": stage, "TLS_CA": str(certificates / "ca.pem"), "TLS_SECONDS": "2"}
    words = ["bash", "-c", _CALL, "call", HERE, str(port), "/state"]
    environment = {"PATH": "/usr/bin:/bin", "AUTHORIZATION": "x", **tls}
    return subprocess.run(words, env=environment, capture_output=True, timeout=30, check=False).stdout.decode()


@pytest.mark.parametrize("stage", ["used", "required"])
def test_a_master_with_tls_is_asked_over_it(certificates: Path, context: ssl.SSLContext, stage: str) -> None:
    with answering(ANSWER, tls=context) as port:
        assert call(port, certificates, stage) == ANSWER


@pytest.mark.parametrize(("stage", "answer"), [("", ANSWER), ("used", ANSWER), ("required", "")])
def test_a_master_without_tls_gets_no_password_once_tls_is_required(
    certificates: Path, stage: str, answer: str
) -> None:
    with answering(ANSWER) as port:
        assert call(port, certificates, stage) == answer


def test_a_master_that_never_answers_is_given_up(certificates: Path, context: ssl.SSLContext) -> None:
    with answering(None, tls=context) as port:
        assert call(port, certificates, "required") == ""
