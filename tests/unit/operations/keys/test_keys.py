from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.host.public_key import key_in
from cdktf_mesos.operations.commands import cli
from cdktf_mesos.operations.connections import Connection, Host
from cdktf_mesos.operations.keys.logins import logins_of
from tests.unit.operations.conftest import HOSTS

# An ssh that runs the command in the home directory $MACHINES/<host>. A connection that is not shared needs the key in
# $MACHINES/mine. It fails where there is no directory.
SSH = f"""#!{sys.executable} -IS
import os, subprocess, sys
from pathlib import Path
*words, host, command = sys.argv[1:]
machines = Path(os.environ["MACHINES"])
home = machines / host
if not home.is_dir():
    sys.exit(f"ssh: connect to host {{host}} port 22: No route to host")
keys = home / ".ssh/authorized_keys"
if "ControlPath=none" in words and (machines / "mine").read_text().split()[1] not in keys.read_text():
    sys.exit("ops@machine: Permission denied (publickey).")
sys.exit(subprocess.run(["bash", "-c", command], env={{**os.environ, "HOME": str(home)}}).returncode)
"""


def key(name: str, kind: str = "ssh-ed25519") -> str:
    parts = (kind.encode(), name.encode().ljust(32, b"."))
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{kind} {b64encode(blob).decode()} {name}@laptop"


OLD, NEW, OTHER = key("old"), key("new"), key("other", "sk-ssh-ed25519@openssh.com")


@pytest.fixture
def machines(project: Path, over_ssh: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The files with the keys of all machines; the old one is on all of them, and this operator's."""
    found = {}
    for name, address in HOSTS.items():
        (project / "machines" / address / ".ssh").mkdir(parents=True)
        found[name] = project / "machines" / address / ".ssh/authorized_keys"
        found[name].write_text(f'# by hand\nfrom="10.0.0.0/8" {OLD}\n')
    (project / "machines/mine").write_text(OLD)
    for name, line in (("old", OLD), ("new", NEW), ("other", OTHER)):
        Path(f"{name}.pub").write_text(f"{line}\n")
    (project / "bin/ssh").write_text(SSH)
    monkeypatch.setenv("MACHINES", str(project / "machines"))
    return found


def keys(*words: str) -> Result:
    return CliRunner().invoke(cli, ["keys", *words])


def test_the_keys_of_all_machines_are_shown_with_their_fingerprints(machines: dict[str, Path]) -> None:
    result = keys()
    assert result.exit_code == 0, result.output
    fingerprint = subprocess.run(
        ["ssh-keygen", "-lf", "old.pub"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert [line.split() for line in result.output.splitlines()[1:]] == [
        [name, "ssh-ed25519", fingerprint, "old@laptop"] for name in HOSTS
    ]


def test_keys_are_added_once_and_what_is_there_stays(machines: dict[str, Path]) -> None:
    machines["a1"].write_text(machines["a1"].read_text().rstrip("\n"))
    for _ in range(2):
        assert keys("--add", "new.pub", "--add", "other.pub").exit_code == 0
    assert {path.read_text() for path in machines.values()} == {f'# by hand\nfrom="10.0.0.0/8" {OLD}\n{NEW}\n{OTHER}\n'}
    assert {path.stat().st_mode & 0o777 for path in machines.values()} == {0o600}


def test_a_key_is_replaced_by_two_commands(machines: dict[str, Path], project: Path) -> None:
    assert keys("--add", "new.pub").exit_code == 0
    (project / "machines/mine").write_text(NEW)
    result = keys("--remove", "old.pub")
    assert result.exit_code == 0, result.output
    assert {path.read_text() for path in machines.values()} == {f"# by hand\n{NEW}\n"}
    assert not list((project / "machines").glob("*/.ssh/*before"))
    # A machine that does not have it is left alone.
    assert keys("--remove", "old.pub").exit_code == 0


def test_a_key_without_which_there_is_no_login_is_put_back(machines: dict[str, Path]) -> None:
    keys("--add", "new.pub")
    before = {path.read_text() for path in machines.values()}
    result = keys("--remove", "old.pub")
    assert result.exit_code == 1
    assert "they are needed for your login, and were put back: ops@machine: Permission denied" in result.output
    assert {path.read_text() for path in machines.values()} == before


def test_the_last_key_is_not_removed(machines: dict[str, Path]) -> None:
    result = keys("--remove", "old.pub", "--host", "a1")
    assert (result.exit_code, "no key would be left in" in result.output) == (1, True)
    assert OLD in machines["a1"].read_text()


def test_a_machine_that_is_away_is_a_line_and_the_others_are_changed(machines: dict[str, Path], project: Path) -> None:
    (project / "machines" / HOSTS["a2"]).rename(project / "away")
    result = keys("--add", "new.pub")
    assert (result.exit_code, "No route to host" in result.output) == (1, True)
    assert NEW in machines["c1"].read_text()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\n",
            "bad.pub is a private key: use the file with its public key",
        ),
        ("hello\n", "bad.pub: use a file with lines such as 'ssh-ed25519 AAAA… name'"),
        (f"{NEW[:40]}\n", "bad.pub: use a file with lines such as"),
        (f"{NEW}\nrubbish\n", "bad.pub: use a file with lines such as"),
        ("", "bad.pub: use a file with lines such as"),
    ],
)
def test_what_is_no_public_key_is_refused_and_not_shown(machines: dict[str, Path], text: str, error: str) -> None:
    Path("bad.pub").write_text(text)
    result = keys("--add", "bad.pub")
    assert (result.exit_code, error in result.stderr) == (1, True), result.output
    assert "planted" not in result.output


def test_options_and_comments_do_not_hide_a_key() -> None:
    found = key_in(f'command="x y",no-pty  {OTHER} of ours\x1b[2J')
    assert found is not None
    assert (found.kind, found.comment) == ("sk-ssh-ed25519@openssh.com", "other@laptop of ours[2J")
    assert key_in("# ssh-ed25519 AAAAB3NzaC1yc2E=") is None


def test_the_bastion_of_aws_is_reached_by_the_words_that_lead_through_it() -> None:
    proxy = "ProxyCommand=ssh -W %h:%p -i /key -o 'KnownHostsCommand=/bin/echo 1.2.3.4 k%%' admin@1.2.3.4"
    hosts = [
        Host(name, frozenset(), Connection(f"ssh://admin@10.0.0.{number}:23", ("-o", proxy)))
        for number, name in enumerate(("m1", "m2"))
    ]
    logins, missing = logins_of([*hosts, Host("l", frozenset(), Connection("unix:///var/run/docker.sock"))])
    assert [each.name for each in logins] == ["m1", "bastion", "m2"]
    assert logins[0].words == ("ssh", "-o", proxy, "-l", "admin", "-p", "23", "-T", "--", "10.0.0.0")
    options = ("-i", "/key", "-o", "KnownHostsCommand=/bin/echo 1.2.3.4 k%")
    assert logins[1].words == ("ssh", *options, "-T", "--", "admin@1.2.3.4")
    assert missing == {"l": "its engine is not reached by ssh"}
