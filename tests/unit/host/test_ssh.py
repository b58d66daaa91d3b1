from __future__ import annotations

import os
import pwd
import re
import subprocess
from pathlib import Path

from cdktf_mesos.cdk import TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.host.ssh_options import SSH_OPTIONS
from tests.unit.conftest import Synth

# The longest path of a socket (unix(7)), and the length of the suffix that ssh adds while it makes the socket.
LONGEST, SUFFIX = 107, 17


def control_path(words: list[str], destination: str = "10.0.0.1") -> Path:
    """The path of the shared connection's socket, as ssh itself resolves it."""
    shown = subprocess.run(["ssh", "-G", *words, destination], capture_output=True, text=True, check=True).stdout
    return Path(next(line.split(" ", 1)[1] for line in shown.splitlines() if line.startswith("controlpath ")))


def config(folder: Path, bastion: str) -> list[str]:
    path = folder / bastion
    path.write_text(f"Host *\n ProxyCommand ssh -W %h:%p {bastion}\n")
    return ["-F", str(path)]


def test_machines_with_the_same_address_behind_two_bastions_do_not_share_a_connection(tmp_path: Path) -> None:
    destination = "ssh://ops@10.0.0.1"
    first, second = (control_path(ssh_words(destination, config(tmp_path, name))) for name in ("a", "b"))
    assert first != second
    assert control_path(ssh_words(destination, config(tmp_path, "a"))) == first


def test_other_machines_users_and_ports_do_not_share_a_connection() -> None:
    others = ["ssh://ops@10.0.0.1", "ssh://ops@10.0.0.2", "ssh://admin@10.0.0.1", "ssh://ops@10.0.0.1:2222"]
    assert len({control_path(ssh_words(each, [])) for each in others}) == len(others)


def test_the_socket_is_in_a_directory_that_exists_and_its_path_is_short() -> None:
    path = control_path(ssh_words("ssh://ops@10.0.0.1", []))
    home = pwd.getpwuid(os.getuid()).pw_dir
    assert str(path.parent) == home
    assert 63 + len("/") + len(path.name) + SUFFIX <= LONGEST


def test_options_that_only_terraform_knows_distinguish_connections_too(stack: TerraformStack, synth: Synth) -> None:
    bastion = TerraformVariable(stack, "bastion", type="string").string_value
    words = ssh_words("ssh://ops@10.0.0.1", ["-o", f'ProxyCommand=ssh -W "%h:%p" {bastion}'])
    TerraformOutput(stack, "words", value=words)
    assert re.fullmatch(
        r'ControlPath=~/[.]cdktf-mesos-\${substr\(sha256\(join\("-", \["[0-9a-f]{64}", var[.]bastion\]\)\), 0, 12\)}',
        synth()["output"]["words"]["value"][-1],
    )


def test_no_option_has_an_address_that_a_plan_does_not_know_yet(stack: TerraformStack) -> None:
    address = TerraformVariable(stack, "address", type="string").string_value
    words = ssh_words(f"ssh://ops@{address}", [])
    assert re.fullmatch(r"ControlPath=~/[.]cdktf-mesos-[0-9a-f]{12}-%h-%p", words[-1])
    assert control_path(words, "10.0.0.1") != control_path(words, "10.0.0.2")


def test_a_given_option_wins(tmp_path: Path) -> None:
    words = ssh_words("ssh://ops@10.0.0.1", ["-o", f"ControlPath={tmp_path}/own"])
    assert control_path(words) == tmp_path / "own"
    assert words[2:-2] == [*SSH_OPTIONS]
