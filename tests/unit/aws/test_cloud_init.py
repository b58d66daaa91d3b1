from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import cloud_init
from cdktf_mesos.aws.cloud_init import HostSettings, user_data
from cdktf_mesos.cdk import Fn, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.expressions import literal
from cdktf_mesos.host import prepare
from tests.unit.conftest import Synth
from tests.unit.host.bare_machine import BareMachine, moved

SOURCE = Path(cloud_init.__file__).with_name("host.sh")
FILES = (*prepare.STEPS, SOURCE)


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
        "ENGINE_METRICS": "",
    }


def test_the_script_knows_every_setting_and_no_other() -> None:
    text = "".join(path.read_text() for path in FILES)
    used = set(re.findall(r"[$]{?([A-Z_]{3,})", text))
    own = set(re.findall("^ *([A-Z_]+)=", text, re.MULTILINE)) | {"CGROUP", "VERSION"}
    assert used - own == {*environment(user_data(settings())), "SECONDS"}


def embedded() -> str:
    (file,) = (each for each in document(user_data(settings()))["write_files"] if each["path"] == cloud_init.PROGRAM)
    assert "encoding" not in file
    return str(file["content"])


def test_the_embedded_script_is_the_steps_and_the_script_without_comments(tmp_path: Path) -> None:
    lines = [line for path in FILES for line in path.read_text().splitlines() if re.match(" *[^ #]", line)]
    first, *others = embedded().splitlines()
    assert first == "#!/bin/bash"
    assert [line.lstrip() for line in others] == [line.lstrip() for line in lines]
    (tmp_path / "host").write_text(embedded())
    for path in (tmp_path / "host", SOURCE):
        subprocess.run(["bash", "-n", path], check=True)


def test_only_tokens_become_expressions(stack: TerraformStack, synth: Synth) -> None:
    volume = TerraformVariable(stack, "volume", type="string")
    text = user_data(settings(data_device=f"/dev/disk/by-id/nvme-{Fn.replace(volume.string_value, '-', '')}"))
    TerraformOutput(stack, "text", value=literal(text))
    value = synth()["output"]["text"]["value"]
    # A dollar that is no expression is written as one, which Terraform evaluates to it.
    written = value.replace('${"$"}', "$")
    assert set(re.findall("[$]{[^}]*}", value)) == {'${"$"}', '${replace(var.volume, "-", "")}'}
    assert "%{" not in value.replace("%%{", "")
    put_in = written.replace('${replace(var.volume, "-", "")}', "vol0abc")
    assert environment(put_in)["DATA_DEVICE"] == "/dev/disk/by-id/nvme-vol0abc"
    assert document(put_in)["write_files"][0] == document(user_data(settings()))["write_files"][0]


def test_the_key_is_published_and_the_failure_kept_when_the_preparation_fails(tmp_path: Path) -> None:
    (line,) = document(user_data(settings()))["runcmd"]
    for prepared, publish, expected in ((0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        stand_in = tmp_path / "host"
        stand_in.write_text(
            f"#!/bin/sh\necho $1 >> {tmp_path}/log\n[ $1 = prepare ] && exit {prepared}\nexit {publish}\n"
        )
        stand_in.chmod(0o755)
        done = subprocess.run(["sh", "-c", line.replace(cloud_init.PROGRAM, str(stand_in))], check=False)
        assert done.returncode == expected
    assert (tmp_path / "log").read_text().split() == ["prepare", "publish"] * 4


class Ec2(BareMachine):
    """A machine on EC2 at its first boot, whose login user is `ops`."""

    def __init__(self, folder: Path, system: str = "debian 13", **more: Any) -> None:
        super().__init__(folder, system)
        self.tools("awk", "df", "paste", "tee", "timeout")
        (content,) = (
            each["content"]
            for each in document(user_data(settings(login_user="ops", **more)))["write_files"]
            if each["path"].endswith("host.env")
        )
        self.write("etc/cdktf-mesos/host.env", moved(f"{content}MIN_FREE_GIB=0\n", self.root))
        self.write("proc/cmdline", "quiet\n")
        self.write("boot/grub/grub.cfg", "linux /vmlinuz quiet\n")
        self.program("update-grub", "cat $root/etc/default/grub.d/*.cfg > $root/boot/grub/grub.cfg")
        self.program("cloud-init", "echo status: done")
        self.program("sleep", "exec /bin/sleep 0.2")

    def host(self, *words: str, **replaced: str) -> tuple[int, list[str]]:
        """Run host.sh; its exit code and the lines that it prints, of problems as well."""
        text = embedded()
        for name, value in replaced.items():
            text = re.sub(f"^{name}=[0-9]+", f"{name}={value}", text, flags=re.MULTILINE)
        done = self.run(*words, script=text)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    def check(self, version: str) -> tuple[int, list[str]]:
        """Run its check, with an engine of this version."""
        self.program("docker", f"echo {version}")
        return self.host("check", str(int(time.time())))


def test_debian_13_is_made_a_host_without_a_reboot(tmp_path: Path) -> None:
    machine = Ec2(tmp_path)
    code, lines = machine.host("prepare")
    assert code == 0
    assert "master-1: did: install chrony awscli apparmor ca-certificates docker.io docker-cli" in lines
    assert "Pin: version 26.1.*" in machine.read("etc/apt/preferences.d/cdktf-mesos")
    assert not list(machine.root.glob("etc/default/grub.d/*")) and not machine.calls("update-grub")
    assert not (machine.root / "run/cdktf-mesos/reboot").exists()
    assert machine.host("prepare") == (0, ["master-1: nothing to change"])
    machine.write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n")
    code, (line,) = machine.check("26.1.5+dfsg1")
    assert code == 0 and re.fullmatch("master-1: ready: Docker 26.1, cgroup v2, [0-9]+ GiB free", line)
    (machine.root / "sys/fs/cgroup/cgroup.controllers").unlink()
    code, lines = machine.check("20.10.24+dfsg1")
    assert code == 1
    assert [line.partition(": found ")[::2] for line in lines] == [
        (
            "master-1: cgroup",
            "no /sys/fs/cgroup/cgroup.controllers, wanted version 2: remove systemd.unified_cgroup_hierarchy from the "
            "kernel arguments and reboot",
        ),
        ("master-1: engine", "20.10.24+dfsg1, wanted 26.1: apt install docker.io=26.1*"),
    ]


def test_debian_12_gets_cgroup_v1_and_reboots(tmp_path: Path) -> None:
    machine = Ec2(tmp_path, "debian 12")
    code, lines = machine.host("prepare")
    assert code == 0
    assert "master-1: did: install chrony awscli apparmor ca-certificates docker.io" in lines
    # Without the empty line, apt would read one record, and find no docker.io to install.
    held, others = machine.read("etc/apt/preferences.d/cdktf-mesos").strip().split("\n\n")
    assert held == "Package: docker.io\nPin: version 20.10.*\nPin-Priority: 990"
    assert others == "Package: docker.io\nPin: version *\nPin-Priority: -1"
    arguments = "systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1"
    assert arguments in machine.read("boot/grub/grub.cfg")
    assert lines[-1] == "master-1: reboots for the kernel's arguments"
    assert machine.check("20.10.24")[1][-1] == "master-1: waits for its reboot"
    (machine.root / "run/cdktf-mesos/reboot").unlink()
    machine.write("proc/cmdline", f"quiet {arguments}\n")
    (machine.root / "sys/fs/cgroup/memory").mkdir(parents=True)
    assert machine.host("prepare") == (0, ["master-1: nothing to change"])
    code, (line,) = machine.check("20.10.24+dfsg1")
    assert code == 0 and re.fullmatch("master-1: ready: Docker 20.10, cgroup v1, [0-9]+ GiB free", line)


@pytest.mark.parametrize("system", ["debian 12", "debian 13"])
def test_both_have_the_same_engine_and_logins(tmp_path: Path, system: str) -> None:
    machine = Ec2(tmp_path, system)
    machine.host("prepare")
    by_hand = BareMachine(tmp_path / "other", system)
    by_hand.run("apply", "--user", "ops")
    shared = by_hand.files()
    found = machine.files()
    for path in shared:
        if path.startswith("etc/") and path not in ("etc/os-release", "etc/ssh/sshd_config"):
            assert found[path].replace(str(machine.root), "") == shared[path].replace(str(by_hand.root), ""), path
    assert found["etc/ssh/sshd_config.d/10-cdktf-mesos-keys.conf"] == "PasswordAuthentication no\n"
    assert (machine.known / "users/ops").read_text() == (by_hand.known / "users/ops").read_text() == "ops sudo docker\n"


def test_a_bastion_gets_no_engine(tmp_path: Path) -> None:
    machine = Ec2(tmp_path, engine=False)
    code, lines = machine.host("prepare")
    assert code == 0 and "master-1: did: install chrony awscli" in lines
    assert "etc/docker/daemon.json" not in machine.files()
    assert machine.check("26.1.5") == (0, ["master-1: ready"])


def test_another_system_is_refused(tmp_path: Path) -> None:
    machine = Ec2(tmp_path, "ubuntu 24.04")
    reason = "master-1: system: found ubuntu 24.04, wanted debian 12 or debian 13"
    assert machine.host("prepare") == (1, [reason])
    assert machine.check("26.1.5")[1][0] == reason


@pytest.mark.parametrize(("failures", "installs"), [(0, True), (1, True), (99, False)])
def test_it_waits_for_the_lock_of_the_package_lists(tmp_path: Path, failures: int, installs: bool) -> None:
    machine = Ec2(tmp_path, engine=False)
    busy = f'[ "${{*: -1}}" != update ] || [ "$(grep -c update $known/calls)" -gt {failures} ] || exit 100'
    machine.program("apt-get", busy)
    code, lines = machine.host("prepare", APT_SECONDS="2")
    assert (code == 0) is installs, lines
    calls = machine.calls("apt-get")
    assert (calls[-1].split()[-3:] == ["install", "chrony", "awscli"]) is installs
    if installs:
        assert len(calls) == failures + 2
    else:
        assert "master-1: apt-get update: found it failing for 2 s, wanted the lists" in lines[-1]


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
        ("engine_metrics", "10.20.0.10"),
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
