from __future__ import annotations

import json
import os
import re
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import cloud_init
from cdktf_mesos.aws.cloud_init import HostSettings, user_data
from cdktf_mesos.cdk import Fn, TerraformOutput, TerraformStack, TerraformVariable
from tests.unit.conftest import Synth

SOURCE = Path(cloud_init.__file__).with_name("host.sh")


def settings(**others: Any) -> HostSettings:
    return HostSettings(**{"name": "master-1", "key_parameter": "/c7/master-1/key", "region": "eu-central-1", **others})


def document(text: str) -> dict[str, Any]:
    first, _, rest = text.partition("\n")
    assert first == "#cloud-config"
    parsed: dict[str, Any] = json.loads(rest)
    return parsed


def environment(text: str) -> dict[str, str]:
    (content,) = (each["content"] for each in document(text)["write_files"] if each["path"].endswith("host.env"))
    return dict(line.split("=", 1) for line in content.splitlines())


def test_a_shell_can_read_the_settings() -> None:
    assert environment(user_data(settings(engine=False, mirror="http://mirror.example.com/debian"))) == {
        "NAME": "master-1",
        "KEY_PARAMETER": "/c7/master-1/key",
        "REGION": "eu-central-1",
        "ENGINE": "no",
        "LOGIN_USER": "admin",
        "DATA_DEVICE": "",
        "DATA_DIR": "/var/lib/cdktf-mesos",
        "MIRROR": "http://mirror.example.com/debian",
    }


def test_the_script_knows_every_setting_and_no_other() -> None:
    used = set(re.findall(r"[$]{?([A-Z_]{3,})", SOURCE.read_text()))
    own = set(re.findall("^([A-Z_]+)=", SOURCE.read_text(), re.MULTILINE))
    assert used - own == {*environment(user_data(settings())), "SECONDS"}


def test_the_embedded_script_is_the_script_without_its_comments(tmp_path: Path) -> None:
    (file,) = (each for each in document(user_data(settings()))["write_files"] if each["path"] == cloud_init.PROGRAM)
    assert file["encoding"] == "b64"
    script = b64decode(file["content"]).decode()
    lines = SOURCE.read_text().splitlines()
    assert script.splitlines() == [line for line in lines if not re.match(" *#[^!]", line)]
    (tmp_path / "host").write_text(script)
    subprocess.run(["bash", "-n", tmp_path / "host"], check=True)
    subprocess.run(["bash", "-n", SOURCE], check=True)


def test_only_tokens_become_expressions(stack: TerraformStack, synth: Synth) -> None:
    volume = TerraformVariable(stack, "volume", type="string")
    text = user_data(settings(data_device=f"/dev/disk/by-id/nvme-{Fn.replace(volume.string_value, '-', '')}"))
    TerraformOutput(stack, "text", value=text)
    value = synth()["output"]["text"]["value"]
    assert re.findall("[$%]{[^}]*}", value) == ['${replace(var.volume, "-", "")}']
    put_in = value.replace('${replace(var.volume, "-", "")}', "vol0abc")
    assert environment(put_in)["DATA_DEVICE"] == "/dev/disk/by-id/nvme-vol0abc"


def test_the_key_is_published_and_the_failure_kept_when_the_preparation_fails(tmp_path: Path) -> None:
    (line,) = document(user_data(settings()))["runcmd"]
    for prepare, publish, expected in ((0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        stand_in = tmp_path / "host"
        stand_in.write_text(
            f"#!/bin/sh\necho $1 >> {tmp_path}/log\n[ $1 = prepare ] && exit {prepare}\nexit {publish}\n"
        )
        stand_in.chmod(0o755)
        done = subprocess.run(["sh", "-c", line.replace(cloud_init.PROGRAM, str(stand_in))], check=False)
        assert done.returncode == expected
    assert (tmp_path / "log").read_text().split() == ["prepare", "publish"] * 4


@pytest.mark.parametrize(("failures", "installs"), [(0, True), (1, True), (99, False)])
def test_it_waits_for_the_lock_of_the_package_lists(tmp_path: Path, failures: int, installs: bool) -> None:
    functions = (
        SOURCE.read_text().partition("\nsource /etc/cdktf-mesos/host.env\n")[2].partition('case "$command $#"')[0]
    )
    stand_ins = {
        "apt-get": f"""echo "$*" >> {tmp_path}/log
[ "${{*: -1}}" != update ] || [ "$(wc -l < {tmp_path}/log)" -gt {failures} ] || exit 100""",
        "dpkg-query": "exit 1",
        "sleep": "exec /bin/sleep 0.2",
    }
    for name, lines in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    script = (
        functions.replace("APT_SECONDS=300", "APT_SECONDS=2") + "\nstep=packages reason=\ntrap finish EXIT\npackages"
    )
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script.replace('/var/lib/cdktf-mesos-host', str(tmp_path))}"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "NAME": "a1", "ENGINE": "no"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode == 0) is installs, done
    calls = (tmp_path / "log").read_text().splitlines()
    assert (calls[-1].split()[-3:] == ["install", "chrony", "awscli"]) is installs
    if installs:
        assert len(calls) == failures + 2
    else:
        assert "a1: apt-get update: found it failing for 2 s, wanted the lists" in done.stderr


def test_the_document_is_shorter_than_ec2_accepts() -> None:
    assert len(user_data(settings(data_device="/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0"))) < 15000


def test_a_document_that_ec2_would_not_accept_is_refused() -> None:
    with pytest.raises(ValueError, match="user_data: settings is invalid: .*EC2 accepts 16384 bytes, and the doc"):
        user_data(settings(data_dir="/long" * 1000))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a b"),
        ("key_parameter", "it's"),
        ("region", "eu-central-1a"),
        ("login_user", "Admin"),
        ("login_user", "%{ if x }"),
        ("data_device", "nvme1n1"),
        ("data_device", "/dev/disk/by-id/${var.volume}'"),
        ("data_dir", "/"),
        ("data_dir", "/var/../etc"),
        ("data_dir", "/var/lib\n"),
        ("mirror", "http://mirror.example.com/debian/"),
        ("mirror", "ftp://mirror.example.com"),
    ],
)
def test_an_invalid_setting_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"HostSettings: {field} is invalid: ") as error:
        settings(**{field: value})
    assert repr(value) in str(error.value)


def test_a_machine_without_an_engine_has_no_volume() -> None:
    with pytest.raises(ValueError, match="HostSettings: data_device is invalid: '/dev/sdf'. Remove it"):
        settings(engine=False, data_device="/dev/sdf")
