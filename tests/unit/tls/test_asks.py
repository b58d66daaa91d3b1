"""What checks ask members over TLS."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from cdktf_mesos import Security, Tls
from cdktf_mesos.mesos import health as master
from cdktf_mesos.mesos.agent import health as agent
from cdktf_mesos.mesos.agent import survival
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.scripts import words
from cdktf_mesos.tls.tls import Stage
from sandbox.authority import make_authority, make_certificate
from tests.unit.answers import HERE, answering, metrics

GAUGES = metrics(
    master__elected="1.0", registrar__log__recovered="1.0", slave__registered="1.0", slave__executors_terminating="0.0"
)
OTHER = "127.0.0.2"
NO_TLS = "it does not answer over TLS, with a certificate that ca.pem has signed and that is valid now"


def run(command: Sequence[str], certificates: Path, login: str = "/none") -> tuple[bool, str]:
    environment = {"PATH": "/usr/bin:/bin", "TLS_CA": str(certificates / "ca.pem"), "LOGIN_FILE": login}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, done.stdout.strip()


def healthy(probe: Probe, certificates: Path, members: Sequence[str] = (HERE,)) -> tuple[bool, str]:
    return run(probe.health_test(HERE, members)[1:], certificates)


def preflight(probe: Probe, certificates: Path) -> tuple[bool, str]:
    """Whether a set can do without its member here, by what the other member answers."""
    files, arguments = probe.may_be_replaced(HERE, [HERE, OTHER])
    return run(words("asking", *files, 'find_limit && may_be_replaced "$@"', arguments=arguments), certificates)


@pytest.mark.parametrize("component", [master, agent])
@pytest.mark.parametrize("stage", ["used", "required"])
def test_a_member_is_asked_over_tls(
    certificates: Path, context: ssl.SSLContext, component: object, stage: Stage
) -> None:
    with answering(GAUGES, tls=context) as port, answering(GAUGES, OTHER, port, tls=context):
        probe: Probe = component.probe(port, None, Tls(stage, str(certificates)))  # type: ignore[attr-defined]
        assert healthy(probe, certificates) == (True, "")
        assert preflight(probe, certificates) == (True, "")


@pytest.mark.parametrize(("stage", "passes"), [("used", True), ("required", False)])
def test_others_may_have_no_tls_until_it_is_required(certificates: Path, stage: Stage, passes: bool) -> None:
    with answering(GAUGES) as port, answering(GAUGES, OTHER, port):
        probe = agent.probe(port, None, Tls(stage, str(certificates)))
        assert preflight(probe, certificates) == (passes, "" if passes else f"{OTHER} does not serve: {NO_TLS}")


@pytest.mark.parametrize("stage", ["used", "required"])
def test_a_member_without_tls_is_unhealthy_as_its_mesos_was_built_without_it(certificates: Path, stage: Stage) -> None:
    with answering(GAUGES) as port:
        assert healthy(master.probe(port, None, Tls(stage, str(certificates))), certificates) == (False, NO_TLS)


def test_a_certificate_of_another_authority_or_that_has_ended_is_not_trusted(
    certificates: Path, context: ssl.SSLContext, tmp_path: Path
) -> None:
    with answering(GAUGES, tls=context) as port:
        probe = master.probe(port, None, Tls("used", str(certificates)))
        make_authority(tmp_path / "other")
        assert healthy(probe, tmp_path / "other") == (False, NO_TLS)
    make_certificate(certificates, ["IP:127.0.0.1"], days=-1)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    with answering(GAUGES, tls=context) as port:
        assert healthy(master.probe(port, None, Tls("used", str(certificates))), certificates) == (False, NO_TLS)


def test_the_login_goes_over_tls_too(certificates: Path, context: ssl.SSLContext, secrets: Path) -> None:
    security = Security("required", str(secrets))
    login = certificates / "login"
    login.write_text(security.login().text)
    with answering(GAUGES, tls=context, login=login.read_text()) as port:
        probe = master.probe(port, security, Tls("required", str(certificates)))
        test = probe.health_test(HERE, [HERE])[1:]
        assert run(test, certificates, str(login)) == (True, "")
        login.write_text("another")
        assert run(test, certificates, str(login)) == (False, "it refuses the secret of the principal probe (401)")


@pytest.mark.parametrize(("listed", "says"), [("S1", ""), ("S2", "no master lists the agent S1 as registered")])
def test_an_agent_asks_the_masters_over_tls(
    certificates: Path, context: ssl.SSLContext, tmp_path: Path, listed: str, says: str
) -> None:
    work_dir = tmp_path / "work"
    (work_dir / "meta/slaves/S1").mkdir(parents=True)
    (work_dir / "meta/slaves/latest").symlink_to(work_dir / "meta/slaves/S1")
    slaves = f'HTTP/1.1 200 OK\r\n\r\n{{"slaves":[{{"active":true,"id":"{listed}"}}]}}'
    with answering(GAUGES, tls=context) as port, answering(slaves, OTHER, tls=context) as masters_port:
        probe = agent.probe(port, None, Tls("required", str(certificates)))
        test = survival.health_test(probe, HERE, str(work_dir), [OTHER], masters_port)[1:]
        test = [word.replace(survival.RECORD, str(tmp_path / "record")) for word in test]
        assert run(test, certificates) == (not says, says)
        assert (tmp_path / "record.kept").exists() == (not says)
