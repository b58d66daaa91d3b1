"""Real ZooKeeper servers get TLS between each other in stages and lose it again, one by one, under a writer."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cdktf_mesos import DockerHost, QuorumTls, ZookeeperEnsemble, scripts
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.image.release import parse_release
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.zookeeper.quorum_settings import quorum_settings
from cdktf_mesos.zookeeper.quorum_tls import Stage
from sandbox.authority import make_authority, make_certificate
from sandbox.images.zookeeper import RECIPES
from sandbox.live import eventually
from sandbox.process import wait_until
from sandbox.watch import Poller, Writer, zookeeper_state
from tests.e2e.zookeeper_processes import Server

pytestmark = pytest.mark.full

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
# Members on several machines cannot have loopback addresses: the ensemble that is synthesised has others.
SYNTHESISED = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
CONNECT_STRING = ",".join(f"{address}:2181" for address in ADDRESSES)
PEER, ELECTION = 2888, 3888

# Forth and back; None is the ensemble without TLS.
STAGES: tuple[Stage, ...] = ("prepared", "used", "required")
PATH: tuple[Stage | None, ...] = (*STAGES, "used", "prepared", None)


class Ensemble:
    """Three servers as processes, with the settings, files and preflights that an ensemble in containers has.

    Args:
        directory: for certificates, and for each server's configuration and data.
        release: of the servers.
    """

    def __init__(self, directory: Path, release: str) -> None:
        self.directory, self.release = directory, release
        self._running: dict[str, ExitStack] = {}
        make_authority(directory / "certificates")
        for address in ADDRESSES + SYNTHESISED:
            self.renew(address)

    def renew(self, address: str) -> None:
        certificates = self.directory / "certificates"
        # Servers also compare the address that a connection comes from: on one machine that is 127.0.0.1.
        make_certificate(certificates, [f"IP:{address}", "IP:127.0.0.1"], certificates / address)

    def start(self, address: str, stage: Stage | None, certificate_of: str | None = None) -> None:
        """Start a server at a stage, or again at another one; by default with its own certificate."""
        self.stop(address)
        number, directory = ADDRESSES.index(address) + 1, self.directory / address
        (recipe,) = (each for each in RECIPES if each.name == f"zookeeper:{self.release}")
        lines = self._lines(directory, certificate_of or address, stage)
        server = Server(recipe.artifacts[0].ensure(), directory, number, ADDRESSES, lines)
        self._running[address] = ExitStack()
        self._running[address].enter_context(server.running())

    def stop(self, address: str) -> None:
        self._running.pop(address, ExitStack()).close()

    def _lines(self, directory: Path, address: str, stage: Stage | None) -> list[str]:
        """The lines of zoo.cfg. The server's files are in its own directory, as all are on one machine."""
        if stage is None:
            return []
        app, tls = App(outdir=str(self.directory / "cdktf.out")), QuorumTls(stage, str(self.directory / "certificates"))
        files, _ = tls.files(DockerHost(TerraformStack(app, "one"), "host", address=address))
        directory.mkdir(exist_ok=True)
        for file in files:
            (directory / Path(file.path).name).write_text(file.text)
        settings = quorum_settings(app, tls, {}, {}, parse_release(self.release))
        return [f"{name}={value.replace('/etc/', f'{directory}/')}" for name, value in settings.items()]

    def refusal(self, address: str, stage: Stage | None) -> str:
        """What a preflight says about a server that is to be brought to a stage; empty if it may be, as off always."""
        if stage is None:
            return ""
        stack = TerraformStack(App(outdir=str(self.directory / "cdktf.out")), "three")
        hosts = [DockerHost(stack, f"host-{i}", address=address) for i, address in enumerate(SYNTHESISED)]
        tls = QuorumTls(stage, str(self.directory / "certificates"), verify=False)
        image = f"zookeeper:{self.release}"
        check = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts, image=image, quorum_tls=tls).stage_check
        assert check is not None
        words = scripts.words("preflight", ASK, *check.files, 'find_limit && tls_follows && stage_follows "$1"')
        given = {**check.environment, "SERVERS": " ".join(ADDRESSES), "QUORUM_TLS": stage}
        environment = {**os.environ, **given}
        done = subprocess.run([*words, address], env=environment, capture_output=True, text=True, check=False)
        return done.stdout.strip() or (done.stderr if done.returncode else "")

    def roll(self, stage: Stage | None) -> None:
        """Bring all servers to a stage, as a deploy does: one after the other, each after its preflight."""
        for address in ADDRESSES:
            self._replace(address, stage)

    def _replace(self, address: str, stage: Stage | None) -> None:
        wait_until(lambda: not self.refusal(address, stage), lambda: f"{address} must not be {stage}", 60)
        self.start(address, stage)
        wait_until(all_serve, lambda: f"{address} does not serve at {stage}", 120)

    def refused(self, address: str) -> bool:
        """Whether another server has refused the certificate of the server at an address, by its log."""
        logs = [self.directory / each / "messages" for each in ADDRESSES if each != address]
        text = f"Certificate for <{address}> doesn't match any of the subject alternative names"
        return any(text in log.read_text(errors="replace") for log in logs)

    def leader(self) -> str:
        return next(address for address in ADDRESSES if zookeeper_state(address) == "leader")


def serves(address: str) -> bool:
    try:
        return zookeeper_state(address) != "down"
    except OSError:
        return False


def runs(address: str) -> str:
    """The state of a server for a poller. While a new leader is elected, no server serves, but all but one run."""
    with socket.create_connection((address, 2181), timeout=2):
        return "runs"


def all_serve() -> bool:
    return all(map(serves, ADDRESSES))


@contextmanager
def ensemble_of(directory: Path, release: str) -> Iterator[Ensemble]:
    ensemble = Ensemble(directory, release)
    try:
        for address in ADDRESSES:
            ensemble.start(address, None)
        wait_until(all_serve, lambda: "not all servers serve", 120)
        yield ensemble
    finally:
        for address in ADDRESSES:
            ensemble.stop(address)


@pytest.fixture(params=["3.8.4", "3.9.4"])
def ensemble(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ensemble]:
    with ensemble_of(tmp_path, request.param) as ensemble:
        yield ensemble


def takes_plain(address: str, port: int) -> bool:
    """Whether a server keeps a connection that begins without TLS, as a server does (QuorumCnxManager)."""
    with socket.create_connection((address, port), timeout=3) as connection:
        connection.sendall(b"\xff\xff\xff\xff\xff")
        try:
            return connection.recv(1) != b""
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False


def lets_in(ensemble: Ensemble, address: str, *certificate: str) -> bool:
    """Whether a server takes a TLS connection of a client with a certificate, or with none."""
    ca = str(ensemble.directory / "certificates/ca.pem")
    words = ["openssl", "s_client", "-tls1_2", "-CAfile", ca, "-verify_return_error", *certificate]
    words += ["-verify_ip", address, "-connect", f"{address}:{ELECTION}"]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False).returncode == 0


def test_an_ensemble_gets_tls_and_loses_it_without_losing_a_write_or_its_quorum(
    ensemble: Ensemble, measured: Callable[[str], None]
) -> None:
    states = {f"server {address}": lambda at=address: runs(at) for address in ADDRESSES}
    for number, stage in enumerate(PATH):
        with Writer(CONNECT_STRING, f"/writer-{number}") as writer, Poller(states) as watched:
            ensemble.roll(stage)
        lost, stall = writer.lost(), writer.longest_stall()
        measured(f"{ensemble.release} {stage or 'off'}: {len(writer.acknowledged)} writes, longest stall {stall:.1f} s")
        assert lost == set()
        assert watched.fewest("server") >= 2
        for address, port in [*((each, ELECTION) for each in ADDRESSES), (ensemble.leader(), PEER)]:
            assert takes_plain(address, port) is (stage != "required")
        own = ensemble.directory / "certificates" / ADDRESSES[0]
        pair = ("-cert", str(own / "cert.pem"), "-key", str(own / "key.pem"))
        assert lets_in(ensemble, ADDRESSES[2], *pair) is (stage is not None)
        assert lets_in(ensemble, ADDRESSES[2]) is (stage == "prepared")


def test_what_runs_refuses_a_stage_that_is_skipped(ensemble: Ensemble) -> None:
    refused = {}
    order: list[Stage | None] = [None, *STAGES]
    for running in order:
        if running:
            ensemble.roll(running)
        found = {wanted: ensemble.refusal(ADDRESSES[0], wanted) for wanted in STAGES}
        refused[running] = [wanted for wanted, why in found.items() if "go from stage to stage" in why]
    assert refused == {
        None: ["used", "required"],
        "prepared": ["required"],
        "used": [],
        "required": ["prepared"],
    }


def test_new_certificates_get_in_by_a_roll_and_one_for_another_address_does_not(ensemble: Ensemble) -> None:
    for stage in STAGES:
        ensemble.roll(stage)
    with Writer(CONNECT_STRING, "/writer") as writer:
        for address in ADDRESSES:
            ensemble.renew(address)
        ensemble.roll("required")
        # The other two go on without it.
        ensemble.start(ADDRESSES[0], "required", certificate_of=ADDRESSES[1])
        eventually(lambda: ensemble.refused(ADDRESSES[0]), "a server that refuses the certificate", 120)
        served = [serves(address) for address in ADDRESSES]
    assert writer.lost() == set()
    assert served == [False, True, True]
