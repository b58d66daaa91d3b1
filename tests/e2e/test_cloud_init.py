"""The first boot of an EC2 machine, with the real cloud-init, real packages and block devices of several kinds."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cdktf_mesos.aws.cloud_init import PROGRAM, HostSettings, user_data
from sandbox import machine as this_machine
from sandbox.process import run, wait_until
from tests.e2e.debian import Debian, block_device, debian, mirror

VOLUME = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc"
OTHER = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0def"
DATA = "/var/lib/cdktf-mesos"

SETTINGS = "/etc/cdktf-mesos/host.env"
LOG = "/var/log/cloud-init-output.log"

# Debian's real `aws` command, which checks its arguments but does not call AWS.
AWS = '#!/bin/sh\necho "$@" > /run/aws\nexec /usr/bin/aws "$@" --generate-cli-skeleton output\n'


def user_data_for(device: str = VOLUME) -> str:
    """The user data of a machine with a small volume. The machine waits 1 s for the device instead of minutes."""
    settings = HostSettings(
        name="master-1",
        key_parameter="/c7/master-1/key",
        region="eu-central-1",
        data_device=device,
        mirror=mirror(),
    )
    header, _, text = user_data(settings).partition("\n")
    document = json.loads(text)
    (file,) = (each for each in document["write_files"] if each["path"] == SETTINGS)
    file["content"] += "DEVICE_SECONDS=1\nMIN_FREE_GIB=0\n"
    return f"{header}\n{json.dumps(document)}"


@contextmanager
def volume(folder: Path, mebibytes: int = 64) -> Iterator[tuple[Path, str]]:
    """An empty volume: its image file and its block device."""
    image = folder / "volume"
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    with block_device(image) as device:
        yield image, device


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    """A machine after its first boot, which had an empty volume."""
    reason = this_machine.unavailable() or (
        None if Path("/dev/loop-control").exists() else "there are no loop devices for volumes"
    )
    if reason:
        pytest.skip(f"no machine can be made here: {reason}")
    with volume(tmp_path_factory.mktemp("volume")) as (_, device), debian() as machine:
        machine.attach(device, VOLUME)
        machine.write("usr/local/bin/aws", AWS)
        machine.seed(user_data_for())
        machine.boot()
        yield machine


@pytest.fixture(scope="module")
def ready(host: Debian) -> Debian:
    """The machine after the reboot at the end of its first boot, with its engine running."""
    assert text_of(host, "/run/shutdown").split()[:2] == ["-r", "now"]
    assert run_check(host) == "75 master-1: waits for its reboot"
    host.restart()
    host.boot()
    # With all settings of its own, except for container networks, which would change the machine below.
    alone = "unshare --net dockerd --bridge=none --iptables=false --ip-forward=false --ip-masq=false"
    host.run("sh", "-c", f"{alone} > /var/log/dockerd.log 2>&1 &")
    answers = ("docker", "version")
    wait_until(lambda: not host.run(*answers, check=False).returncode, lambda: text_of(host, "/var/log/dockerd.log"))
    return host


@pytest.fixture
def unmounted(host: Debian) -> Iterator[Debian]:
    """The machine with its data volume unmounted; restored afterwards."""
    settings = text_of(host, SETTINGS)
    host.run("umount", DATA)
    yield host
    host.run("umount", DATA, check=False)
    host.write(SETTINGS, settings)
    host.run(PROGRAM, "prepare")


def text_of(host: Debian, path: str) -> str:
    return host.run("cat", path).stdout


def change_settings(host: Debian, **settings: str) -> None:
    """Changes settings of a running machine."""
    text = text_of(host, SETTINGS)
    for key, value in settings.items():
        text = re.sub(f"(?m)^{key}=.*$", f"{key}={value}", text)
    host.write(SETTINGS, text)


def run_check(host: Debian, *, clock: int = 0, user: tuple[str, ...] = ("runuser", "-u", "admin", "--")) -> str:
    """The exit code and the output of `check`, for a caller whose clock is `clock` seconds behind."""
    done = host.run(*user, PROGRAM, "check", str(int(time.time()) - clock), check=False)
    return f"{done.returncode} {done.stdout.strip()}"


def test_the_first_boot_sets_up_disk_engine_sshd_and_host_key(host: Debian) -> None:
    assert host.run("cloud-init", "status", check=False).stdout.strip() == "status: done", text_of(host, LOG)
    assert host.run("findmnt", "-n", "-o", "FSTYPE,LABEL", DATA).stdout.split() == ["ext4", "cdktf-mesos"]
    assert host.run("docker", "--version").stdout.startswith("Docker version 20.10.")
    assert host.run("id", "-nG", "admin").stdout.split() == ["admin", "docker"]
    sshd = host.run("/usr/sbin/sshd", "-T").stdout
    assert "maxstartups 100:" in sshd and "maxsessions 100" in sshd and "passwordauthentication no" in sshd
    policy = host.run("apt-cache", "policy", "docker.io").stdout
    assert re.search(r"20[.]10[.]\S+ 990$", policy, re.MULTILINE) and mirror() in policy
    assert "^docker" in host.run("apt-config", "dump", "Unattended-Upgrade::Package-Blacklist").stdout
    put = "ssm put-parameter --region eu-central-1 --name /c7/master-1/key --type String --overwrite --value "
    assert re.match(f"{put}ssh-ed25519 AAAA[^ ]+ --cli", text_of(host, "/run/aws"))


def test_a_second_run_of_cloud_init_changes_nothing(host: Debian) -> None:
    everything = (
        "find /etc -printf '%M %u %g %p %l\n' | sort; find /etc -type f -exec sha256sum {} + | sort; "
        f"findmnt -n -o UUID {DATA}; cat {DATA}/precious"
    )
    host.run("sh", "-c", f"echo precious > {DATA}/precious")
    before = host.run("sh", "-c", everything).stdout
    host.run("cloud-init", "clean", "--logs")
    host.boot()
    assert "master-1: nothing to change" in text_of(host, LOG).splitlines()
    assert host.run("sh", "-c", everything).stdout == before


def test_the_host_is_ready_after_its_reboot(ready: Debian) -> None:
    assert re.fullmatch(r"0 master-1: ready: Docker 20.10, cgroup v1, \d+ GiB free", run_check(ready))
    assert ready.run("docker", "info", "-f", "{{.CgroupDriver}} {{.LoggingDriver}}").stdout == "cgroupfs json-file\n"
    assert ready.run("test", "-e", "/run/shutdown", check=False).returncode == 1


def test_a_bastion_needs_no_engine_to_be_ready(ready: Debian, unmounted: Debian) -> None:
    change_settings(unmounted, ENGINE="no")
    assert run_check(ready) == "0 master-1: ready"


def test_check_reports_all_problems_at_once(ready: Debian, unmounted: Debian) -> None:
    arguments = text_of(ready, "/proc/cmdline")
    ready.write("usr/local/bin/docker", "#!/bin/sh\necho 26.1.0\n")
    ready.run("sh", "-c", "echo quiet > /run/cmdline")
    code, *lines = run_check(unmounted, clock=100).replace(" ", "\n", 1).splitlines()
    ready.run("rm", "/usr/local/bin/docker")
    ready.run("sh", "-c", f"echo '{arguments.strip()}' > /run/cmdline")
    assert code == "1"
    assert [line.partition(": found ")[0] for line in lines] == [
        "master-1: clock",
        "master-1: kernel arguments",
        "master-1: engine",
        f"master-1: {DATA}",
    ]
    assert re.search(": found 10[01] s from the caller's, wanted at most 5 s: ", lines[0])
    assert ": found 26.1.0, wanted 20.10: " in lines[2]


def test_check_distinguishes_a_user_without_the_docker_group_from_an_engine_that_does_not_answer(
    ready: Debian, unmounted: Debian
) -> None:
    ready.run(PROGRAM, "prepare")
    change_settings(ready, MIN_FREE_GIB="1000")
    no_groups = ("setpriv", "--reuid=admin", "--regid=admin", "--clear-groups")
    code, *lines = run_check(ready, user=no_groups).replace(" ", "\n", 1).splitlines()
    assert code == "1" and len(lines) == 2
    assert lines[0].startswith("master-1: user admin: found groups admin, wanted docker among them: ")
    assert re.search(r": found \d+ GiB free, wanted 1000: ", lines[1])
    change_settings(ready, MIN_FREE_GIB="0")
    elsewhere = ("runuser", "-u", "admin", "--", "env", "DOCKER_HOST=unix:///run/nobody.sock")
    assert run_check(ready, user=elsewhere).startswith("1 master-1: engine: found Cannot connect to the Docker daemon")


MARKS = {
    "xfs": "mkfs.xfs -q {}",
    "dos": "echo , | sfdisk -q {}",
    "PMBR gpt": "echo 'label: gpt' | sfdisk -q {}",
    "swap": "mkswap -q {}",
    "data of an unknown kind": "echo something | dd of={} bs=1 seek=500000 status=none",
}


@pytest.mark.parametrize("kind", [*MARKS, "data of an unknown kind at the end"])
def test_nothing_is_written_to_a_volume_with_other_data(unmounted: Debian, kind: str, tmp_path: Path) -> None:
    table = text_of(unmounted, "/etc/fstab")
    with volume(tmp_path, mebibytes=320 if kind == "xfs" else 64) as (image, device):
        unmounted.attach(device, OTHER)
        end = f"echo x | dd of={{}} bs=1 seek={(64 << 20) - 9} status=none"
        unmounted.run("sh", "-ec", MARKS.get(kind, end).format(device))
        run("sync", image)
        before = run("sha256sum", image)
        change_settings(unmounted, DATA_DEVICE=OTHER)
        done = unmounted.run(PROGRAM, "prepare", check=False)
        assert done.returncode == 1
        known = kind.removesuffix(" at the end")
        assert (
            f"master-1: {device}: found {known}, wanted an empty device or an ext4: nothing was written" in done.stdout
        )
        run("sync", image)
        assert run("sha256sum", image) == before
    assert text_of(unmounted, "/etc/fstab") == table


def test_a_volume_that_cannot_be_read_does_not_count_as_empty(unmounted: Debian, tmp_path: Path) -> None:
    with volume(tmp_path) as (image, device):
        unmounted.attach(device, OTHER)
        run("truncate", "--size=32M", image)  # reading beyond the new end is an I/O error
        change_settings(unmounted, DATA_DEVICE=OTHER)
        done = unmounted.run(PROGRAM, "prepare", check=False)
        assert done.returncode == 1
        assert f"master-1: {device}: found a device that cannot be read, wanted an empty one or an ext4" in done.stdout
        assert run("cmp", "-n", str(32 << 20), image, "/dev/zero") == ""


def test_an_existing_ext4_is_used_and_not_formatted(unmounted: Debian, tmp_path: Path) -> None:
    with volume(tmp_path) as (_, device):
        unmounted.attach(device, OTHER)
        put = f"mkfs.ext4 -q -L theirs {device}; mount {device} {DATA}; echo precious > {DATA}/theirs; umount {DATA}"
        unmounted.run("sh", "-ec", put)
        change_settings(unmounted, DATA_DEVICE=OTHER)
        assert "did: format" not in unmounted.run(PROGRAM, "prepare").stdout
        assert text_of(unmounted, f"{DATA}/theirs") == "precious\n"
        assert unmounted.run("findmnt", "-n", "-o", "LABEL", DATA).stdout == "theirs\n"
        change_settings(unmounted, DATA_DEVICE=VOLUME)
        moved = unmounted.run(PROGRAM, "prepare", check=False).stdout
        assert f"master-1: {DATA}: found {device}, wanted /dev/loop" in moved


def test_check_keeps_reporting_that_the_volume_was_missing_at_boot(unmounted: Debian) -> None:
    unmounted.run("rm", "-f", "/run/aws", "/run/shutdown", "/run/cdktf-mesos/reboot")
    unmounted.seed(user_data_for(OTHER + "0"))
    unmounted.run("cloud-init", "clean", "--logs")
    unmounted.boot()
    error = f"1 master-1: {OTHER}0: found nothing in 1 s, wanted a device: is the volume attached?"
    assert "status: error" in unmounted.run("cloud-init", "status", check=False).stdout
    assert run_check(unmounted).splitlines()[0] == error
    unmounted.run("test", "-e", "/run/aws")  # the host key is published even so, so that an administrator can log in
    assert unmounted.run("test", "-e", "/run/shutdown", check=False).returncode == 1
    unmounted.seed(user_data_for())
    unmounted.run("cloud-init", "clean", "--logs")
    unmounted.boot()
    assert error not in run_check(unmounted)
