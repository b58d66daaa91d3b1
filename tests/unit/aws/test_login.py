from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from cdktf_mesos.aws import Login, SessionManager
from cdktf_mesos.aws.login import HOST_KEY, trust
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.host.ssh_options import SSH_OPTIONS
from tests.unit.synthesised import Synthesised

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG/+" + 40 * "a"
LOGIN = Login("ops", ("-i", "/keys/it's %h", "-o", "IdentitiesOnly=yes"))


class Through:
    """A way in through the machine at 203.0.113.9."""

    def proxy_command(self, instance_id: str) -> str:
        return LOGIN.through("203.0.113.9", KEY)


def proxied(route: list[str], directory: Path, port: int) -> list[str]:
    """The arguments of a route's command when the real ssh runs it. A script stands in for the command."""
    for name in ("ssh", "aws"):
        (directory / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" > {directory}/words\n')
        (directory / name).chmod(0o755)
    words = ["-F", "none", "-p", str(port), *route, "-o", "BatchMode=yes", "ops@10.20.0.10"]
    environment = {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}", "SHELL": "/bin/sh"}
    subprocess.run(["/usr/bin/ssh", *words], env=environment, capture_output=True, timeout=20, check=False)
    return (directory / "words").read_text().splitlines()


def test_the_ssh_to_the_bastion_gets_the_options_that_it_needs(tmp_path: Path) -> None:
    words = proxied(LOGIN.route(Through(), "i-1"), tmp_path, 2222)
    assert words == [
        *("ssh", "-W", "10.20.0.10:2222"),
        *ssh_words("ops@203.0.113.9", [*trust("203.0.113.9", KEY), *LOGIN.route()]),
        "ops@203.0.113.9",
    ]
    # A '%' of its own is there once, for the second ssh to replace.
    assert "/keys/it's %h" in words


def test_the_session_manager_gets_the_instance_and_port(tmp_path: Path) -> None:
    way_in = SessionManager("eu-central-1")
    assert proxied(LOGIN.route(way_in, "i-1"), tmp_path, 22) == [
        *("aws", "ssm", "start-session", "--region", "eu-central-1", "--target", "i-1"),
        *("--document-name", "AWS-StartSSHSession", "--parameters", "portNumber=22"),
    ]


def test_a_host_is_trusted_by_its_published_key_and_not_by_a_file() -> None:
    options = trust("10.20.0.10", KEY)
    assert options == ["-o", f"KnownHostsCommand=/bin/echo 10.20.0.10 {KEY}"]
    route = LOGIN.route()
    assert "UserKnownHostsFile=/dev/null" in route and "GlobalKnownHostsFile=/dev/null" in route
    assert "StrictHostKeyChecking=yes" in SSH_OPTIONS


def test_only_keys_as_machines_publish_them_match() -> None:
    assert re.search(HOST_KEY, KEY)
    for other in (f"{KEY} ", f"{KEY}\n{KEY}", f"x {KEY}", KEY[:-1], f"{KEY}a", KEY.replace("/", "'"), "pending"):
        # Terraform's `$` is the end of the text, as bash's is (RE2 syntax); Python's is also before a last newline.
        assert not re.search(HOST_KEY.replace("$", r"\Z"), other), other


def test_every_engine_is_reached_with_the_key_of_its_own_machine(aws_default: Synthesised) -> None:
    seen = set()
    for name, document in aws_default.documents.items():
        for provider in document["provider"].get("docker", []):
            options = provider["ssh_opts"]
            (known,) = [each for each in options if each.startswith("KnownHostsCommand=")]
            address, key = re.findall(r'echo (\S+) \$\{regex\("\^ssh-ed25519 [^"]+", \S+outputs\.(\S+)\)}', known)[0]
            assert provider["host"] == f"ssh://admin@{address}"
            assert f"{provider['alias']}_published-host-key" in key
            (shared,) = [each for each in options if each.startswith("ControlPath=")]
            assert re.search(r"mesos-\$\{substr\(sha256\(.*bastion_machine_public-address", shared)
            assert any(each.startswith("ProxyCommand=ssh -W %h:%p ") for each in options), name
            seen.add((provider["alias"], address))
    assert len(seen) == 5
