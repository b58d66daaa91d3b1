from __future__ import annotations

import http.client
import ssl
from pathlib import Path

import pytest

from sandbox.stand_ins.marathon.tls import Tunnel, tunnel_of
from tests.unit.answers import HERE, answering

ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def environment(certificates: Path, downgrade: str, verify: str = "true") -> dict[str, str]:
    files = {f"LIBPROCESS_SSL_{name}_FILE": str(certificates / f"{name.lower()}.pem") for name in ("CA", "CERT", "KEY")}
    variables = {"ENABLED": "true", "SUPPORT_DOWNGRADE": downgrade, "VERIFY_CERT": verify}
    return {**files, **{f"LIBPROCESS_SSL_{name}": value for name, value in variables.items()}}


def ask(tunnel: Tunnel, master: str) -> bytes:
    connection = http.client.HTTPConnection(tunnel.to(master), timeout=20)
    connection.request("GET", "/")
    return connection.getresponse().read()


@pytest.mark.parametrize("downgrade", ["true", "false"])
def test_a_master_with_tls_is_reached_over_it(certificates: Path, context: ssl.SSLContext, downgrade: str) -> None:
    with answering(ANSWER, tls=context) as port:
        assert ask(Tunnel(environment(certificates, downgrade)), f"{HERE}:{port}") == b"{}"


def test_a_master_without_tls_is_reached_only_with_downgrade(certificates: Path) -> None:
    with answering(ANSWER) as port:
        assert ask(Tunnel(environment(certificates, "true")), f"{HERE}:{port}") == b"{}"
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(Tunnel(environment(certificates, "false")), f"{HERE}:{port}")


def test_a_certificate_for_another_address_is_refused_if_it_is_verified(
    certificates: Path, context: ssl.SSLContext
) -> None:
    with answering(ANSWER, "127.0.0.3", tls=context) as port:
        assert ask(Tunnel(environment(certificates, "false", verify="false")), f"127.0.0.3:{port}") == b"{}"
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(Tunnel(environment(certificates, "false")), f"127.0.0.3:{port}")


def test_without_the_variables_there_is_no_tunnel() -> None:
    assert tunnel_of({}) is None
