"""Stages of TLS are checked by what runs, before a member is replaced."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from cdktf_mesos import Tls
from cdktf_mesos.role.probe import ASK, TLS
from cdktf_mesos.scripts import words
from cdktf_mesos.security.stage import FOLLOWS_MASTERS, StageCheck, stage_check
from cdktf_mesos.tls.stage import ALL_HAVE_TLS, TLS_FOLLOWS_MASTERS, with_tls
from tests.unit.answers import HERE, answering

OK = "HTTP/1.1 200 OK\r\n\r\n"
OTHER = "127.0.0.2"
DOWN = "127.0.0.3"


def refusal(check: StageCheck, certificates: Path, path: str = "/usr/bin:/bin") -> tuple[int, str]:
    script = words("asking", ASK, TLS, *check.files, "find_limit && tls_follows")
    environment = {"PATH": path, "TLS_CA": str(certificates / "ca.pem"), "PORT": "1", **check.environment}
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip()


def check(certificates: Path, masters: Sequence[str], port: int, *rule: Path) -> StageCheck:
    tls = Tls("required", str(certificates))
    return with_tls(stage_check(FOLLOWS_MASTERS, None, masters, port), tls, *rule)


@pytest.mark.parametrize("rule", [TLS_FOLLOWS_MASTERS, ALL_HAVE_TLS])
def test_all_masters_that_run_must_have_tls(certificates: Path, context: ssl.SSLContext, rule: Path) -> None:
    with answering({"": OK}, tls=context) as port:
        assert refusal(check(certificates, [HERE, DOWN], port, rule), certificates) == (0, "")
        with answering({"": OK}, OTHER, port):
            code, why = refusal(check(certificates, [HERE, OTHER], port, rule), certificates)
            assert code != 0 and why.startswith(f"the master {OTHER} has no TLS")


def test_a_master_that_is_slow_is_not_said_to_have_no_tls(certificates: Path) -> None:
    with socket.create_server((HERE, 0)) as silent:
        wanted = check(certificates, [HERE], silent.getsockname()[1], TLS_FOLLOWS_MASTERS)
        assert (
            refusal(wanted, certificates)[1] == f"the master {HERE} does not answer in time: deploy the masters first"
        )


@pytest.mark.parametrize("path", ["/slaves", "/frameworks"])
def test_masters_require_tls_only_when_all_agents_and_frameworks_have_it(
    certificates: Path, context: ssl.SSLContext, path: str
) -> None:
    with answering("", DOWN) as gone:
        pass
    with answering("", OTHER) as plain, answering("", OTHER, tls=context) as closed:
        known = {
            "all": f'"pid":"a-1@{OTHER}:{closed}"',
            "one": f'"pid":"a-1@{OTHER}:{closed}","pid":"a-2@{OTHER}:{plain}"',
            "down": f'"pid":"a-1@{DOWN}:{gone}"',
            "past": f'"completed_frameworks":[{{"pid":"a-2@{OTHER}:{plain}"}}]',
            "http": '"frameworks":[{"id":"f"}]',
        }
        found = {}
        for name, text in known.items():
            with answering({path: f"{OK}{{{text}}}", "": OK}, tls=context) as port:
                found[name] = refusal(check(certificates, [HERE], port, ALL_HAVE_TLS), certificates)
    why = f"{OTHER}:{plain} has no TLS, and masters that answer over TLS only would lose it"
    assert {name for name, (code, _) in found.items() if code} == {"one"}
    assert found["one"][1].startswith(why)


def test_an_image_without_openssl_is_refused_before_anything_is_replaced(certificates: Path, tmp_path: Path) -> None:
    for program in ("bash", "timeout", "true"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    code, why = refusal(check(certificates, [], 1), certificates, str(tmp_path))
    assert code == 2
    assert why.startswith("this image has no program openssl")
