"""The sandbox's EC2: instances are hosts, with their volumes, elastic addresses and security groups."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import hosts, lock, machine, network, paths, power
from sandbox.ec2 import server
from sandbox.ec2.emulator import Ec2
from sandbox.hosts import Host
from sandbox.live import eventually
from sandbox.process import run
from tests.e2e.ec2_site import BASTION, WORKER, Site

DATA = "/var/lib/cdktf-mesos/kept"
PORT = 8000


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> Iterator[None]:
    """Removes the sandbox afterwards, if it did not exist before and has no other hosts."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    before = network.exists(paths.BRIDGE)
    yield
    with lock.held():
        if not before and not hosts.existing():
            hosts.down()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bastion, and a worker with a volume, both running."""
    with Ec2() as ec2:
        site = Site(ec2, tmp_path_factory.mktemp("site"))
        for instance in (site.launch(BASTION), site.launch(WORKER, site.volume)):
            ec2.wait_ready(instance)
        yield site
        assert ec2.failures == []


def test_failures_are_reported_and_only_logs_are_left_after_the_block(tmp_path: Path) -> None:
    # This test comes first: there can be only one EC2 at a time, and the fixture `site` keeps one open.
    with Ec2() as ec2:
        site = Site(ec2, tmp_path)
        bare, broken = site.run_instance(BASTION), site.launch(WORKER, program="#!/bin/sh\necho no way >&2; exit 7\n")
        assert ec2.wait_ready(bare) == BASTION
        with pytest.raises(RuntimeError, match=rf"(?s){broken}.*exit code 7.*publish\nno way"):
            ec2.wait_ready(broken)
        assert "no way" in (server.folder() / "room.log").read_text()
        with pytest.raises(RuntimeError, match="exit code 1: .* cloud-init status\nstatus: error"):
            WORKER.run("cloud-init", "status")
        with pytest.raises(RuntimeError, match="another process runs the sandbox's EC2"), Ec2():
            pass
        assert len(ec2.failures) == 1
    assert not {BASTION, WORKER} & set(hosts.existing())
    assert BASTION.name not in network.leftover_hosts() | power.leftover_hosts()
    assert server.pids() == []
    assert {path.name for path in server.folder().iterdir()} == {"moto.log", "room.log"}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((site.public_address, 22), timeout=2)


def test_the_key_pair_logs_in_to_the_bastion_and_through_it_to_the_worker(site: Site) -> None:
    assert site.login(site.public_address, "hostname").stdout == "hs40\n"
    assert site.login(WORKER.address, "hostname").stdout == "hs41\n"


def test_a_host_looks_like_an_instance_after_its_first_boot_from_inside(site: Site) -> None:
    assert "systemd.unified_cgroup_hierarchy=0" in WORKER.run("cat", "/proc/cmdline").split()
    status = site.login(WORKER.address, "cloud-init", "status", "--wait")
    assert (status.returncode, status.stdout) == (0, "status: done\n")
    assert "stand-in" in status.stderr
    assert WORKER.run("aws", "--version").startswith("aws-cli/")


def test_a_stopped_instance_keeps_its_files_and_starts_without_a_first_boot(site: Site) -> None:
    instance = _instance(site, WORKER)
    WORKER.run("touch", "/srv/mine", DATA)
    before = site.published_key(WORKER)
    site.api.stop_instances(InstanceIds=[instance])
    eventually(lambda: not WORKER.is_on, "stopped host")
    site.api.start_instances(InstanceIds=[instance])
    site.ec2.wait_ready(instance)
    assert WORKER.run("ls", "/srv/mine", DATA).split() == ["/srv/mine", DATA]
    assert site.published_key(WORKER) == before
    assert site.login(WORKER.address, "hostname").stdout == "hs41\n"


def test_a_new_instance_has_the_volumes_data_and_no_other_files_of_the_old_one(site: Site) -> None:
    WORKER.run("touch", "/srv/mine", DATA)
    before, _ = site.published_key(WORKER)
    site.api.terminate_instances(InstanceIds=[_instance(site, WORKER)])
    site.ec2.wait_ready(site.launch(WORKER, site.volume))
    assert WORKER.run("find", "/srv/", "-name", "mine") == ""
    assert WORKER.run("ls", DATA).strip() == DATA
    assert site.published_key(WORKER)[0] != before


def test_a_port_is_open_only_to_peers_that_the_security_group_admits(site: Site) -> None:
    WORKER.run("sh", "-c", f"setsid -f /usr/bin/python3 -m http.server {PORT} > /dev/null 2>&1 < /dev/null")
    eventually(lambda: _reaches(WORKER, WORKER.address, PORT), "start of the HTTP server")
    assert not _reaches(BASTION, WORKER.address, PORT)
    site.admit(WORKER, PORT, BASTION)
    eventually(lambda: _reaches(BASTION, WORKER.address, PORT), "open port for the bastion", 10)
    with pytest.raises(TimeoutError):
        socket.create_connection((WORKER.address, PORT), timeout=1)
    site.revoke(WORKER, PORT, BASTION)
    eventually(lambda: not _reaches(BASTION, WORKER.address, PORT), "closed port for the bastion", 10)


def test_an_instance_without_egress_rules_reaches_only_the_registry_and_the_api(site: Site) -> None:
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    assert _reaches(WORKER, BASTION.address, 22)
    site.api.revoke_security_group_egress(GroupId=site.groups[WORKER], IpPermissions=everything)
    eventually(lambda: not _reaches(WORKER, BASTION.address, 22), "end of outgoing connections", 10)
    assert _reaches(WORKER, *_split(paths.REGISTRY))
    assert _reaches(WORKER, paths.BRIDGE_ADDRESS, server.API.port)
    site.api.authorize_security_group_egress(GroupId=site.groups[WORKER], IpPermissions=everything)


def test_from_outside_only_the_bastion_takes_logins(site: Site) -> None:
    with socket.create_connection((BASTION.address, 22), timeout=5) as connection:
        assert connection.recv(4) == b"SSH-"
    with pytest.raises(TimeoutError):
        socket.create_connection((WORKER.address, 22), timeout=1)


def test_the_aws_command_line_works_on_this_machine(site: Site) -> None:
    command = (sys.executable, "-m", "awscli", "ec2", "describe-instances", "--output", "text")
    assert WORKER.address in run(*command, env=site.ec2.environment())


def _instance(site: Site, host: Host) -> str:
    interfaces = site.api.describe_network_interfaces(NetworkInterfaceIds=[site.interfaces[host]])["NetworkInterfaces"]
    return str(interfaces[0]["Attachment"]["InstanceId"])


def _reaches(host: Host, address: str, port: int) -> bool:
    """Whether the host can connect to the port within 1 s."""
    script = f"timeout 1 bash -c 'exec 3<> /dev/tcp/{address}/{port}' 2> /dev/null && echo yes || true"
    return host.run("bash", "-c", script).strip() == "yes"


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    return host, int(port)
