from __future__ import annotations

from pathlib import Path

import pytest

from cdktf_mesos.tls.certificates import certificate_in
from sandbox.authority import make_authority, make_certificate
from sandbox.process import run

HOST = ("10.20.30.11", "10.20.30.11")


def refused(directory: Path, hostname: str = HOST[0], address: str = HOST[1]) -> str:
    with pytest.raises(ValueError, match="certificates is invalid") as found:
        certificate_in(str(directory), hostname, address, verify=True)
    return str(found.value)


def test_one_certificate_may_be_for_all_machines(certificates: Path) -> None:
    found = certificate_in(str(certificates), *HOST, verify=True)
    assert found.cert.text == (certificates / "cert.pem").read_text()
    assert found.ends.endswith("Z")


@pytest.mark.parametrize("name", ["c1.example.com", "10.20.30.11"])
def test_a_machine_may_have_its_own_by_its_name_or_its_address(certificates: Path, name: str) -> None:
    make_certificate(certificates, ["IP:10.20.30.11", "DNS:c1.example.com"], certificates / name)
    found = certificate_in(str(certificates), "c1.example.com", "10.20.30.11", verify=True)
    assert found.cert.text == (certificates / name / "cert.pem").read_text()


def test_it_must_be_for_the_address_and_for_the_host_name(certificates: Path) -> None:
    assert "with IP:10.20.30.99 in subjectAltName" in refused(certificates, "10.20.30.99", "10.20.30.99")
    # Masters redirect clients to the host name of the leading one.
    assert "with DNS:c1.example.com in subjectAltName" in refused(certificates, "c1.example.com")
    assert certificate_in(str(certificates), "c1.example.com", "10.20.30.99", verify=False).ends


def test_it_must_be_valid_now(certificates: Path) -> None:
    make_certificate(certificates, ["IP:10.20.30.11"], days=-1)
    assert "certificate has expired" in refused(certificates)


def test_it_must_be_signed_by_the_authority(certificates: Path) -> None:
    make_authority(certificates)
    assert "certificate verify failed" in refused(certificates)


def test_the_key_must_be_its_own_and_readable_by_its_owner_only(certificates: Path) -> None:
    key = certificates / "key.pem"
    key.chmod(0o640)
    assert f"Run: chmod 0600 {key}" in refused(certificates)
    make_certificate(certificates, ["IP:10.20.30.11"], certificates / "other")
    key.write_text((certificates / "other/key.pem").read_text())
    key.chmod(0o600)
    found = refused(certificates)
    assert "key values mismatch" in found
    assert key.read_text().splitlines()[1] not in found


@pytest.mark.parametrize("name", ["ca.pem", "cert.pem", "key.pem"])
def test_a_missing_file_is_named_with_what_the_directory_must_have(certificates: Path, name: str) -> None:
    (certificates / name).unlink()
    assert name in refused(certificates)
    assert "either directly or in a directory for each machine" in refused(certificates)


def test_an_encrypted_key_is_refused_as_members_ask_for_no_password(certificates: Path) -> None:
    key = certificates / "key.pem"
    run("openssl", "pkcs8", "-topk8", "-in", key, "-passout", "pass:word", "-out", certificates / "locked.pem")
    key.write_text((certificates / "locked.pem").read_text())
    assert "the key is encrypted, and members ask for no password" in refused(certificates)
