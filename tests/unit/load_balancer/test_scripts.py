"""The scripts of the load balancer that need no haproxy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cdktf_mesos import scripts
from cdktf_mesos.load_balancer import health, marathon_lb
from tests.unit.answers import HERE, answering

FOLDER = Path(marathon_lb.__file__).parent


def openssl(*words: str) -> str:
    return subprocess.run(["openssl", *words], capture_output=True, text=True, check=True).stdout


NEW_KEY = ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
KEY, OTHER_KEY = openssl(*NEW_KEY), openssl(*NEW_KEY)
LOCKED_KEY = openssl(*NEW_KEY, "-aes128", "-pass", "pass:x")
CERTIFICATE = subprocess.run(
    ["openssl", "req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=*.apps.example.com"],
    input=KEY,
    capture_output=True,
    text=True,
    check=True,
).stdout
CUT = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"


def settled(certificates: str = "-", login: str = "-") -> tuple[int, str]:
    script = scripts.joined(FOLDER / "files.sh", FOLDER / "settled.sh", "settled")
    environment = {"CERTIFICATES": certificates, "LOGIN": login, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"site.pem": CERTIFICATE + KEY}, None),
        ({"site.pem": CERTIFICATE, "site.pem.key": KEY}, None),
        ({"site.pem": CERTIFICATE}, "site.pem has no private key (PEM), and there is no"),
        ({"site.pem": KEY}, "site.pem has no certificate (PEM)"),
        ({"a.pem": CERTIFICATE + KEY, "b.pem": "text"}, "b.pem has no certificate"),
        ({"site.pem": CUT + KEY}, "site.pem has a certificate that cannot be read"),
        ({"site.pem": CERTIFICATE + OTHER_KEY}, "site.pem has a private key that is not that of its certificate"),
        ({"site.pem": CERTIFICATE, "site.pem.key": OTHER_KEY}, "site.pem has a private key that is not that of its"),
        ({"site.pem": CERTIFICATE + LOCKED_KEY}, "site.pem has a private key that cannot be read"),
        ({"site.key": KEY}, "has no certificates"),
        ({}, "has no certificates"),
    ],
)
def test_certificates_that_haproxy_cannot_use_are_named(
    tmp_path: Path, files: dict[str, str], problem: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    code, said = settled(certificates=str(tmp_path))
    assert (code, problem is None or problem in said) == (2 if problem else 0, True)


def test_a_link_that_leads_nowhere_is_named_and_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text(CERTIFICATE + KEY)
    (tmp_path / "old").mkdir()
    assert settled(certificates=str(tmp_path)) == (0, "")
    (tmp_path / "b.pem").symlink_to(tmp_path / "renewed.pem")
    assert settled(certificates=str(tmp_path)) == (2, f"{tmp_path}/b.pem is not a file that can be read")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("user:password\n", 0),
        ("user:pass:word\n", 2),
        ("user\n", 2),
        ("# x\nuser:password", 2),
        ("user:password", 0),
        ("", 2),
    ],
)
def test_a_login_is_one_line_with_one_colon(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "login").write_text(text)
    assert settled(login=str(tmp_path / "login"))[0] == code


def test_a_missing_login_is_named(tmp_path: Path) -> None:
    code, said = settled(login=str(tmp_path / "none"))
    assert code == 2 and said.startswith(f"{tmp_path}/none does not begin with a line user:password")


def health_says(port: int) -> tuple[int, str]:
    test = health.probe().health_test(HERE, [HERE])
    words = [str(port) if word == str(health.STATS_PORT) else word for word in test[1:]]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout.strip()


def test_the_health_check_says_that_marathon_has_never_answered() -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n") as port:
        assert health_says(port) == (0, "")
    code, said = health_says(port)
    assert code == 1 and f"nothing listens on {HERE}:{port}: Marathon has never answered this load balancer" in said


def test_the_health_check_says_what_else_answers() -> None:
    with answering("HTTP/1.1 404 Not Found\r\n\r\n") as port:
        assert health_says(port) == (1, f"{HERE}:{port} does not answer /_haproxy_health_check with 200")
