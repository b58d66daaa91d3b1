from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from cdktf_mesos.aws import Login, SessionManager
from cdktf_mesos.aws.login import trust
from cdktf_mesos.host.host import SSH_OPTIONS
from tests.unit.aws_app import Synthesised

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG/+a="
LOGIN = Login("ops", ("-i", "/keys/it's %h", "-o", "IdentitiesOnly=yes"))


class Through:
    """A way in by the machine at 203.0.113.9."""

    name = "203.0.113.9"

    def proxy_command(self, instance_id: str) -> str:
        return LOGIN.through("203.0.113.9", HOST_KEY)


def proxied(route: list[str], directory: Path, port: int) -> list[str]:
    """What the command of a route is given as arguments when the real ssh runs it: here a script stands in for it."""
    for name in ("ssh", "aws"):
        (directory / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" > {directory}/said\n')
        (directory / name).chmod(0o755)
    words = ["-F", "none", "-p", str(port), *route, "-o", "BatchMode=yes", "ops@10.20.0.10"]
    environment = {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}", "SHELL": "/bin/sh"}
    subprocess.run(["/usr/bin/ssh", *words], env=environment, capture_output=True, timeout=20, check=False)
    return (directory / "said").read_text().splitlines()


def test_ssh_gives_the_one_to_the_bastion_what_ssh_to_it_needs(tmp_path: Path) -> None:
    said = proxied(LOGIN.route(Through(), "i-1"), tmp_path, 2222)
    assert said == [
        *("ssh", "-W", "10.20.0.10:2222"),
        *trust("203.0.113.9", HOST_KEY),
        *LOGIN.options,
        *("-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null"),
        *SSH_OPTIONS,
        "ops@203.0.113.9",
    ]
    # A '%' of its own is there once, for the second ssh to replace.
    assert "ControlPath=~/.ssh/cdktf-mesos-%C" in said and "/keys/it's %h" in said


def test_the_session_manager_is_asked_for_the_instance_and_port(tmp_path: Path) -> None:
    way_in = SessionManager("eu-central-1", "vpc-1")
    assert proxied(LOGIN.route(way_in, "i-1"), tmp_path, 22) == [
        *("aws", "ssm", "start-session", "--region", "eu-central-1", "--target", "i-1"),
        *("--document-name", "AWS-StartSSHSession", "--parameters", "portNumber=22"),
    ]


def test_a_host_is_trusted_by_the_key_that_it_published_and_no_file_here() -> None:
    options = trust("10.20.0.10", HOST_KEY)
    assert options == ["-o", f"KnownHostsCommand=/bin/echo 10.20.0.10 {HOST_KEY}"]
    route = LOGIN.route()
    assert "UserKnownHostsFile=/dev/null" in route and "GlobalKnownHostsFile=/dev/null" in route
    assert "StrictHostKeyChecking=yes" in SSH_OPTIONS


def control_path(options: list[str]) -> str:
    """The one that counts: ssh takes what is said first."""
    return next(each for each in options if each.startswith("ControlPath="))


def test_machines_with_one_address_in_two_clusters_share_no_connection() -> None:
    first, second = (
        control_path([*LOGIN.route(SessionManager("eu-central-1", vpc), "i-1"), *SSH_OPTIONS])
        for vpc in ("vpc-1", "vpc-2")
    )
    assert (first, second) == ("ControlPath=~/.ssh/cm-vpc-1-%C", "ControlPath=~/.ssh/cm-vpc-2-%C")
    assert control_path([*LOGIN.route(Through(), "i-1"), *SSH_OPTIONS]) == "ControlPath=~/.ssh/cm-203.0.113.9-%C"


def test_every_engine_is_reached_with_the_key_of_its_own_machine(aws_default: Synthesised) -> None:
    seen = set()
    for name, document in aws_default.documents.items():
        for provider in document["provider"].get("docker", []):
            options = provider["ssh_opts"]
            (known,) = [each for each in options if each.startswith("KnownHostsCommand=")]
            address, key = re.findall(r"echo (\S+) \$\{\S+outputs\.(\S+)}", known)[0]
            assert provider["host"] == f"ssh://admin@{address}"
            assert f"{provider['alias']}_published-host-key" in key
            assert "public_ip}-%C" in control_path(options)
            assert any(each.startswith("ProxyCommand=ssh -W %h:%p ") for each in options), name
            seen.add((provider["alias"], address))
    assert len(seen) == 5
