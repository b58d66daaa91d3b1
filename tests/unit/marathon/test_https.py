"""Marathon's https. The tests run the real scripts, against a real keytool, and servers with and without TLS."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Marathon,
    MarathonApp,
    MarathonApps,
    MarathonLb,
    MesosMasterSet,
    Tls,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.marathon import health
from cdktf_mesos.marathon.app.apps import REQUESTS
from cdktf_mesos.marathon.https import ALL_HAVE_HTTPS, KEYSTORE, Https, HttpsStage, skips_https
from cdktf_mesos.role.probe import ASK, Probe
from cdktf_mesos.scripts import text_of, words
from cdktf_mesos.security.stage import StageCheck
from cdktf_mesos.tls.stage import with_tls
from sandbox.authority import make_authority
from tests.unit.answers import HERE, answering

Synth = Callable[[], dict[str, Any]]
Made = Callable[..., Marathon]
IMAGE = "mesosphere/marathon:v1.11.24"
OTHER = "127.0.0.2"
ANSWERS = {"/v2/leader": 'HTTP/1.1 200 OK\r\n\r\n{"leader":"127.0.0.2:8443"}', "": "HTTP/1.1 404 Not Found\r\n\r\n"}
CANNOT_FORWARD = "HTTP/1.1 502 Bad Gateway\r\n\r\n"
STAND_IN_KEYTOOL = Path(__file__).parents[3] / "sandbox/images/marathon/bin"


@pytest.fixture
def made(stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, certificates: Path) -> Made:
    """Makes Marathon in a cluster with TLS."""

    def make(https: HttpsStage | None, *, verify: bool = True, tls: bool = True, **more: Any) -> Marathon:
        masters = MesosMasterSet(
            stack,
            "mesos",
            hosts=[host],
            zookeeper=zookeeper,
            cluster="cluster7",
            image="mesosphere/mesos-master:1.11.0",
            tls=Tls("used", str(certificates), verify) if tls else None,
        )
        return Marathon(stack, "marathon", hosts=[host], masters=masters, https=https, **{"image": IMAGE, **more})

    return make


def test_at_used_it_answers_on_both_ports_and_at_required_over_https_only(made: Made, synth: Synth) -> None:
    marathon = made("used", https_port=9443)
    container = synth()["containers"]["marathon"]
    command = container["command"]
    assert command[0] == "--"
    assert command[command.index("--https_address") + 1 :][:3] == ["10.20.30.11", "--https_port", "9443"]
    assert "--http_port" in command and "--disable_http" not in command
    assert "keytool" in container["entrypoint"][2]
    assert {each["file"] for each in container["upload"]} >= {
        "/etc/cdktf-mesos.ca.pem",
        "/etc/cdktf-mesos.cert.pem",
        "/etc/cdktf-mesos.key.pem",
    }
    assert not any("KEYSTORE" in each for each in container["env"])
    assert marathon.urls == ["https://10.20.30.11:9443"]


def test_at_required_http_is_off_and_names_are_compared_unless_verify_is_off(made: Made, synth: Synth) -> None:
    made("required", verify=False)
    command = synth()["containers"]["marathon"]["command"]
    assert "--disable_http" in command and "--leader_proxy_ssl_ignore_hostname" in command


def test_without_https_a_cluster_with_tls_has_marathons_own_entrypoint(made: Made, synth: Synth) -> None:
    marathon = made(None)
    container = synth()["containers"]["marathon"]
    assert "entrypoint" not in container and "--https_port" not in container["command"]
    assert marathon.urls == ["http://10.20.30.11:8080"]


@pytest.mark.parametrize(
    ("https", "more", "message"),
    [
        ("always", {}, r"https is invalid: 'always'\. Use 'used' or 'required'"),
        ("used", {"tls": False}, r"https is invalid: 'used'\. Give the masters tls"),
        ("used", {"image": "mesosphere/marathon:v0.8.2"}, r"https is invalid: 'used'\. Use Marathon 0\.9 or later"),
        ("required", {"image": "mesosphere/marathon:v1.1.5", "verify": False}, r"Use Marathon 1\.2 or later"),
        ("used", {"flags": {"https_port": 1}}, r"flags\['https_port'\] is invalid: 1\. Use the arguments https"),
        (None, {"flags": {"http": False}}, r"flags\['http'\] is invalid: False\. Use the arguments https"),
        (None, {"flags": {"disable_http": True}}, r"flags\['disable_http'\] is invalid: True\. Use the arguments"),
        (
            "used",
            {"options": ContainerOptions(environment={"MESOSPHERE_KEYSTORE_PASS": "x"})},
            r"options\.environment is invalid: 'MESOSPHERE_KEYSTORE_PASS'\. Remove it",
        ),
        ("used", {"https_port": 5050}, r"https_port is invalid: 5050"),
    ],
)
def test_what_cannot_be_is_refused(made: Made, https: HttpsStage, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(https, **more)


def test_a_stage_that_is_skipped_is_refused_by_what_is_deployed() -> None:
    off, used, required = ["--zk", "x"], ["--https_port", "8443"], ["--https_port", "8443", "--disable_http"]
    assert skips_https(off, used) is skips_https(used, required) is skips_https(required, used) is None
    assert "Deploy 'used' first" in str(skips_https(off, required))
    assert "Deploy 'used' first" in str(skips_https(required, off))


def keystore(certificates: Path, place: Path, path: str, after: str) -> subprocess.CompletedProcess[str]:
    """Runs the entrypoint's script with other paths, and then a command."""
    script = text_of(KEYSTORE).replace("/tmp/", f"{place}/").replace("/etc/cdktf-mesos.", f"{certificates}/")
    environment = {**os.environ, "PATH": path, "JAVA_HOME": "/none"}
    return subprocess.run(
        ["bash", "-c", f"{script}\n{after}"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(shutil.which("keytool") is None, reason="needs a Java")
def test_a_real_java_reads_the_keystore_with_the_key_and_each_authority(certificates: Path, tmp_path: Path) -> None:
    make_authority(tmp_path / "new")
    ca = certificates / "ca.pem"
    ca.write_text(ca.read_text() + (tmp_path / "new/ca.pem").read_text())
    shown = "keytool -list -keystore $MESOSPHERE_KEYSTORE_PATH -storepass:env MESOSPHERE_KEYSTORE_PASS"
    done = keystore(certificates, tmp_path, os.environ["PATH"], shown)
    assert done.returncode == 0, done.stdout
    lines = [line.split(", ") for line in done.stdout.splitlines() if "Entry" in line]
    entries = {name: kind for name, *_, kind, _ in lines}
    assert entries == {
        "marathon": "PrivateKeyEntry",
        "authority-1": "trustedCertEntry",
        "authority-2": "trustedCertEntry",
    }
    # Nothing else is left that has the key or the password.
    assert [each.name for each in (tmp_path / "cdktf-mesos.keystore").iterdir()] == ["marathon.jks"]


def test_an_image_without_keytool_says_so(certificates: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/bash").symlink_to("/bin/bash")
    done = keystore(certificates, tmp_path, str(tmp_path / "bin"), "echo started")
    assert done.returncode == 1
    assert done.stdout == "no keystore for https: this image must have the programs openssl and keytool\n"


def test_a_key_of_another_certificate_ends_the_start_with_openssls_reason(certificates: Path, tmp_path: Path) -> None:
    shutil.copy(certificates / "ca-key.pem", certificates / "key.pem")
    path = f"{STAND_IN_KEYTOOL}:/usr/bin:/bin"
    done = keystore(certificates, tmp_path, path, "echo started")
    assert done.returncode == 1
    assert done.stdout.startswith("no keystore for https: openssl: ") and "started" not in done.stdout


def probe(stage: HttpsStage, https_port: int, http_port: int, certificates: Path) -> Probe:
    https = Https(stage, https_port, Tls("used", str(certificates)))
    return health.with_https(health.probe(http_port), https, [HERE, OTHER])


def run(command: Sequence[str], certificates: Path) -> tuple[bool, str]:
    environment = {"PATH": "/usr/bin:/bin", "TLS_CA": str(certificates / "ca.pem")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, done.stdout.strip()


def healthy(asked: Probe, certificates: Path) -> bool:
    return run(asked.health_test(HERE, [HERE, OTHER])[1:], certificates)[0]


def preflight(asked: Probe, certificates: Path) -> tuple[bool, str]:
    files, arguments = asked.may_be_replaced(OTHER, [HERE, OTHER])
    return run(words("asking", *files, 'find_limit && may_be_replaced "$@"', arguments=arguments), certificates)


def closed_port() -> int:
    with answering("") as port:
        return port


@pytest.mark.parametrize(("stage", "expected"), [("used", True), ("required", False)])
def test_at_used_others_may_have_no_https_yet_but_an_instance_itself_must(
    certificates: Path, stage: HttpsStage, expected: bool
) -> None:
    with answering(ANSWERS) as http, answering(ANSWERS, OTHER, http):
        asked = probe(stage, closed_port(), http, certificates)
        assert preflight(asked, certificates)[0] is expected
        assert not healthy(asked, certificates)


@pytest.mark.parametrize("stage", ["used", "required"])
def test_an_instance_with_https_serves(certificates: Path, context: ssl.SSLContext, stage: HttpsStage) -> None:
    with answering(ANSWERS, tls=context) as https, answering(ANSWERS, OTHER, https, tls=context):
        asked = probe(stage, https, closed_port(), certificates)
        assert healthy(asked, certificates)
        assert preflight(asked, certificates) == (True, "")


@pytest.mark.parametrize("stage", ["used", "required"])
def test_while_stages_differ_an_instance_serves_that_cannot_forward_to_the_leader(
    certificates: Path, context: ssl.SSLContext, stage: HttpsStage
) -> None:
    with answering(CANNOT_FORWARD, tls=context) as https, answering(ANSWERS, OTHER, https, tls=context):
        with answering(ANSWERS, OTHER) as http:
            assert healthy(probe(stage, https, http, certificates), certificates)
        # Once all are at the same stage, it must be able to.
        assert not healthy(probe(stage, https, closed_port(), certificates), certificates)
        with answering(ANSWERS) as http, answering(ANSWERS, OTHER, http):
            assert not healthy(probe(stage, https, http, certificates), certificates)


def test_https_is_required_only_when_all_that_run_have_it(certificates: Path, context: ssl.SSLContext) -> None:
    check = with_tls(StageCheck([], {}), Tls("used", str(certificates)), ALL_HAVE_HTTPS)

    def refused(asked: Probe) -> tuple[bool, str]:
        start = f"export PORT={asked.port}; find_limit && tls_follows"
        return run(words("asking", *asked.asks, *check.files, start), certificates)

    with answering(ANSWERS, tls=context) as https, answering(ANSWERS, OTHER) as http:
        why = f'the instance {OTHER} has no https: deploy https="used" first'
        assert refused(probe("required", https, http, certificates)) == (False, why)
        with answering(ANSWERS, OTHER, https, tls=context):
            assert refused(probe("required", https, http, certificates)) == (True, "")


@pytest.mark.parametrize(("trusted", "expected"), [(True, "200"), (False, "0")])
def test_apps_are_sent_over_https_to_an_instance_that_the_authority_has_signed(
    certificates: Path, context: ssl.SSLContext, tmp_path: Path, trusted: bool, expected: str
) -> None:
    make_authority(tmp_path / "other")
    authority = ((certificates if trusted else tmp_path / "other") / "ca.pem").read_text()
    with answering('HTTP/1.1 200 OK\r\n\r\n{"apps":[]}', tls=context) as port:
        script = words("asking", ASK, REQUESTS, 'find_limit_or_end /app; request GET /v2/apps; echo "$status $answer"')
        environment = {
            "PATH": "/usr/bin:/bin",
            "INSTANCES": f"{HERE}:{port}",
            "AUTHORIZATION": "",
            "AUTHORITY": authority,
        }
        done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(f"{expected} ")
    assert ('{"apps":[]}' in done.stdout) is trusted


def test_apps_and_their_watches_ask_over_https(
    made: Made, stack: TerraformStack, synth: Synth, certificates: Path
) -> None:
    apps = MarathonApps(stack, "apps", marathon=made("used"))
    MarathonApp(apps, "shop", app={"id": "/shop", "cmd": "sleep 1"})
    document = synth()
    watch = document["containers"]["marathon-app.shop"]
    ca = (certificates / "ca.pem").read_text()
    assert f"AUTHORITY={ca}" in watch["env"] and "INSTANCES=10.20.30.11:8443" in watch["env"]
    (deployed,) = (each for each in document["resource"]["terraform_data"].values() if "triggers_replace" in each)
    assert ca.splitlines()[1] in deployed["provisioner"][0]["local-exec"]["environment"]["SETTINGS"]


@pytest.mark.parametrize(
    ("https", "urls"),
    [
        ("used", ["https://10.20.30.11:8443", "http://10.20.30.11:8080"]),
        ("required", ["https://10.20.30.11:8443"]),
    ],
)
def test_load_balancers_follow(
    made: Made, stack: TerraformStack, synth: Synth, https: HttpsStage, urls: list[str]
) -> None:
    edge = DockerHost(stack, "lb", address="10.20.30.21", engine="ssh://o@10.20.30.21")
    MarathonLb(
        stack, "balancer", hosts=[edge], marathon=made(https), image="mesosphere/marathon-lb:v1.15.0", groups=["*"]
    )
    container = synth()["containers"]["balancer"]
    words_ = container["command"]
    assert words_[words_.index("--marathon") + 1 : words_.index("--group")] == urls
    assert words_[words_.index("--marathon-ca-cert") + 1] == "/etc/cdktf-mesos.ca.pem"
    assert [each["file"] for each in container["upload"] if "/etc/" in each["file"]] == ["/etc/cdktf-mesos.ca.pem"]


def test_load_balancers_verify_nothing_if_tls_does_not(made: Made, stack: TerraformStack, synth: Synth) -> None:
    edge = DockerHost(stack, "lb", address="10.20.30.21", engine="ssh://o@10.20.30.21")
    marathon = made("used", verify=False)
    MarathonLb(stack, "balancer", hosts=[edge], marathon=marathon, image="mesosphere/marathon-lb:v1.15.0", groups=["*"])
    assert "--marathon-ca-cert" not in synth()["containers"]["balancer"]["command"]
