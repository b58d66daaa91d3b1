"""What TLS between servers adds to their containers, and what is refused at synth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, QuorumTls, ZookeeperEnsemble
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.zookeeper.quorum_settings import stage_in
from cdktf_mesos.zookeeper.quorum_tls import Stage
from sandbox.authority import make_certificate
from sandbox.process import run
from stacks import ZookeeperSettings, add_cluster
from tests.unit.conftest import source_text
from tests.unit.roll.test_redeploy import write
from tests.unit.stacks.test_static import cluster

Synth = Callable[[], dict[str, Any]]
Hosts = Callable[[int], list[DockerHost]]
Servers = Callable[..., ZookeeperEnsemble]

KEYSTORE, CA = "/etc/cdktf-mesos.quorum.pem", "/etc/cdktf-mesos.ca.pem"


@pytest.fixture
def certificates(certificates: Path) -> Path:
    """Certificates for all servers."""
    make_certificate(certificates, [f"IP:10.20.30.{number}" for number in (11, 12, 13)])
    return certificates


@pytest.fixture
def servers(stack: TerraformStack, hosts: Hosts, certificates: Path) -> Servers:
    """Makes three servers at a stage."""

    def make(
        stage: Stage | None, *, image: str = "zookeeper:3.9.4", verify: bool = True, count: int = 3, **given: Any
    ) -> ZookeeperEnsemble:
        tls = QuorumTls(stage, str(certificates), verify) if stage else None
        return ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(count), image=image, quorum_tls=tls, **given)

    return make


def environment_of(container: dict[str, Any]) -> dict[str, str]:
    return dict(each.split("=", 1) for each in container["env"])


def lines_of(container: dict[str, Any]) -> dict[str, str]:
    """The further lines of zoo.cfg."""
    found = environment_of(container).get("ZOO_CFG_EXTRA", "").split()
    return dict(each.split("=", 1) for each in found)


@pytest.mark.parametrize(
    ("stage", "connects", "takes_both", "wants_certificates"),
    [("prepared", "false", "true", "none"), ("used", "true", "true", "need"), ("required", "true", "false", "need")],
)
def test_each_stage_has_the_settings_of_the_guide(
    servers: Servers, synth: Synth, stage: Stage, connects: str, takes_both: str, wants_certificates: str
) -> None:
    servers(stage)
    container = synth()["containers"]["zookeeper"]
    found = lines_of(container)
    assert (found["sslQuorum"], found["portUnification"]) == (connects, takes_both)
    assert found["ssl.quorum.clientAuth"] == wants_certificates
    # With fips-mode, the default of 3.9, servers compare no addresses.
    assert (found["ssl.quorum.hostnameVerification"], found["fips-mode"]) == ("true", "false")
    assert (found["ssl.quorum.keyStore.location"], found["ssl.quorum.trustStore.location"]) == (KEYSTORE, CA)
    assert stage_in(environment_of(container)) == stage


def test_certificate_and_key_are_one_file_that_neither_the_state_nor_the_plan_has(
    app: App, servers: Servers, synth: Synth, certificates: Path
) -> None:
    servers("used")
    document = synth()
    uploads = {each["file"]: each for each in document["containers"]["zookeeper"]["upload"]}
    key = (certificates / "key.pem").read_text()
    assert source_text(app, uploads[KEYSTORE]) == (certificates / "cert.pem").read_text() + key
    assert source_text(app, uploads[CA]) == (certificates / "ca.pem").read_text()
    assert key.splitlines()[1] not in json.dumps(document)
    (source,) = (certificates / "rendered").iterdir()
    assert source.stat().st_mode & 0o777 == 0o600


def test_a_new_certificate_replaces_the_container_and_its_end_is_a_label(
    servers: Servers, synth: Synth, certificates: Path
) -> None:
    before = servers("used")
    labels = {each["label"]: each["value"] for each in synth()["containers"]["zookeeper"]["labels"]}
    make_certificate(certificates, [f"IP:10.20.30.{number}" for number in (11, 12, 13)], days=3)
    assert before.quorum_tls is not None
    files, new = before.quorum_tls.files(before.hosts[0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels["cdktf-mesos.certificate-ends"])
    assert new["cdktf-mesos.certificate-ends"] != labels["cdktf-mesos.certificate-ends"]
    assert files[0].digest not in before.members[0].definition


def test_without_it_nothing_is_added(servers: Servers, synth: Synth) -> None:
    servers(None)
    container = synth()["containers"]["zookeeper"]
    assert lines_of(container) == {} and "upload" not in container
    assert {each["label"] for each in container["labels"]} == {"cdktf-mesos.role", "cdktf-mesos.version"}


def test_addresses_need_not_be_verified(servers: Servers, synth: Synth) -> None:
    servers("used", verify=False)
    found = lines_of(synth()["containers"]["zookeeper"])
    assert found["ssl.quorum.hostnameVerification"] == "false" and "fips-mode" not in found


def test_a_certificate_needs_no_host_name_as_servers_know_each_other_by_address(
    stack: TerraformStack, certificates: Path
) -> None:
    host = DockerHost(stack, "host", address="10.20.30.11", hostname="c1.example.com")
    assert QuorumTls("used", str(certificates)).files(host)
    with pytest.raises(ValueError, match=r"QuorumTls: certificates is invalid.*with IP:10.20.30.99 in subjectAltName"):
        QuorumTls("used", str(certificates)).files(DockerHost(stack, "other", address="10.20.30.99"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"image": "zookeeper:3.4.14"}, "ZooKeeper has no TLS between servers before 3.5.5, and this is 3.4.14"),
        ({"image": "zookeeper:3.5.8"}, "The image of 3.5.8 has no way to take the settings"),
        ({"image": "containersol/zookeeper:3.5.1"}, "use the official image, zookeeper"),
        ({"count": 1}, "a single server has no connections to other servers"),
        ({"settings": {"sslQuorum": "true"}}, "settings is invalid: 'sslQuorum'. Remove it: quorum_tls sets it"),
        ({"settings": {"ssl.quorum.keyStore.type": "JKS"}}, "You may set ssl.quorum.allowReverseDnsLookup"),
        ({"settings": {"fips-mode": "true"}}, "set verify=False in quorum_tls"),
        ({"java_properties": {"zookeeper.ssl.quorum.clientAuth": "none"}}, "java_properties is invalid"),
    ],
)
def test_what_cannot_have_it_and_settings_that_it_decides_are_refused(
    servers: Servers, given: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        servers("prepared", **given)


def test_ciphers_may_be_set(servers: Servers, synth: Synth) -> None:
    servers("used", settings={"ssl.quorum.ciphersuites": "TLS_AES_128_GCM_SHA256"})
    assert lines_of(synth()["containers"]["zookeeper"])["ssl.quorum.ciphersuites"] == "TLS_AES_128_GCM_SHA256"


def test_an_unknown_stage_is_refused(certificates: Path) -> None:
    with pytest.raises(ValueError, match="Use 'prepared' or 'used' or 'required'; leave out quorum_tls"):
        QuorumTls("both", str(certificates))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ec", "-in", "key.pem"), "openssl pkcs8 -topk8 -nodes"),
        (("genpkey", "-algorithm", "ed25519"), "Use a key of the kind RSA or EC"),
    ],
)
def test_a_key_that_zookeeper_cannot_read_is_refused(
    servers: Servers, certificates: Path, words: tuple[str, ...], says: str
) -> None:
    run("openssl", *words, "-out", "key.pem", cwd=certificates)
    sign = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-copy_extensions", "copyall", "-out", "cert.pem")
    names = ("-addext", "subjectAltName=IP:10.20.30.11,IP:10.20.30.12,IP:10.20.30.13")
    run("openssl", "req", "-new", "-key", "key.pem", "-subj", "/CN=z", *names, "-out", "request.pem", cwd=certificates)
    run("openssl", "x509", "-req", "-in", "request.pem", *sign, cwd=certificates)
    (certificates / "key.pem").chmod(0o600)
    with pytest.raises(ValueError, match=re.escape(says)):
        servers("used")


@pytest.mark.parametrize(
    ("deployed", "wanted", "skips"),
    [
        ("", "prepared", ""),
        ("", "used", "'off' is deployed, 'used' is wanted. Deploy 'prepared' first"),
        ("sslQuorum=false portUnification=true", None, ""),
        ("sslQuorum=true portUnification=true", None, "'used' is deployed, 'off' is wanted"),
        ("sslQuorum=true portUnification=false", "used", ""),
    ],
)
def test_a_stage_that_is_skipped_is_refused_by_the_states(
    app: App,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certificates: Path,
    deployed: str,
    wanted: Stage | None,
    skips: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_certificate(certificates, [f"IP:10.0.0.{number}" for number in (11, 12, 13)])
    write(tmp_path, "prod-1-control-c1-members", "zookeeper", "3.9.4", extra=deployed)
    settings = ZookeeperSettings(quorum_tls=QuorumTls(wanted, str(certificates)) if wanted else None)
    if skips:
        with pytest.raises(ValueError, match=f"quorum_tls skips a stage: {skips}"):
            add_cluster(app, cluster(zookeeper=settings))
    else:
        add_cluster(app, cluster(zookeeper=settings))


def test_tls_by_the_users_own_settings_has_no_stages(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own: dict[str, str | int] = {"sslQuorum": "true", "portUnification": "true"}
    write(tmp_path, "prod-1-control-c1-members", "zookeeper", "3.9.4", extra="sslQuorum=true portUnification=true")
    add_cluster(app, cluster(zookeeper=ZookeeperSettings(settings=own)))
