from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox import hosts, paths, ssh
from sandbox.hosts import VirtualMachine
from sandbox.vm import files, identity, qemu
from sandbox.vm.kinds import KINDS


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder with a path that is short enough for sockets, and a key to log in with."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with TemporaryDirectory() as folder:
        monkeypatch.setenv("CDKTF_MESOS_SANDBOX", folder)
        ssh.ensure_key()
        yield Path(folder)


def make(name: str, kind: str, memory: int = 1024) -> None:
    """Write what is known of a machine, without its disks."""
    paths.host_dir(name).mkdir(parents=True)
    made = {"kind": kind, "memory": memory, "image": "/cache/trixie-1"}
    (paths.host_dir(name) / "machine.json").write_text(json.dumps(made))


def members(kind: str, folder: Path) -> dict[str, tuple[tarfile.TarInfo, str]]:
    identity.write(folder / "identity.tar", "vm3", KINDS[kind])
    with tarfile.open(folder / "identity.tar") as tar:
        return {member.name: (member, content(tar, member)) for member in tar}


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = tar.extractfile(member)
    return file.read().decode() if file else ""


@pytest.mark.parametrize(("name", "address"), [("vm1", "10.213.7.101"), ("vm16", "10.213.7.116")])
def test_a_virtual_machine_has_the_address_of_its_number(name: str, address: str) -> None:
    assert VirtualMachine(name).address == address
    assert VirtualMachine(name).ssh_engine == f"ssh://ops@{address}"


@pytest.mark.parametrize("name", ["vm", "vm0", "vm01", "vm17", "vm-1"])
def test_a_name_that_is_not_a_virtual_machines_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="is not a host of the sandbox: use hs1 to hs64, or vm1 to vm16"):
        paths.address(name)


def test_no_two_hosts_share_an_address() -> None:
    names = [f"hs{number}" for number in range(paths.MAX_HOSTS + 1)]
    names += [f"vm{number}" for number in range(1, paths.MAX_VIRTUAL + 1)]
    assert len({paths.address(name) for name in names}) == len(names)


def test_machines_with_the_same_packages_begin_with_the_same_disk() -> None:
    images = {name: kind.image.key for name, kind in KINDS.items()}
    assert images["debian12"] == images["debian12-v1"]
    assert images["forky"] == images["forky-containerd"] == images["forky-29"]
    assert len(set(images.values())) == 5


@pytest.mark.usefixtures("state")
def test_a_machine_with_an_engine_is_started_without_grub_and_with_its_kinds_arguments() -> None:
    make("vm1", "debian12-v1", memory=2048)
    words = qemu.command("vm1", files.read("vm1"))
    assert words[words.index("-kernel") + 1] == "/cache/trixie-1/vmlinuz"
    assert "systemd.unified_cgroup_hierarchy=0" in words[words.index("-append") + 1]
    assert words[words.index("-m") + 1] == "2048"
    assert not any("user,id=outside" in word for word in words)


@pytest.mark.usefixtures("state")
def test_a_bare_machine_is_started_by_grub_and_reaches_the_outside() -> None:
    make("vm1", "debian13-bare")
    words = qemu.command("vm1", files.read("vm1"))
    assert "-kernel" not in words
    assert "user,id=outside" in words
    assert not any("data.ext4" in word for word in words)


def test_the_identity_has_addresses_and_the_keys_of_both_users(state: Path) -> None:
    found = members("debian13", state)
    assert "Address=10.213.7.103/24" in found["etc/systemd/network/bridge.network"][1]
    assert "10.213.7.103 vm3\n" in found["etc/hosts"][1]
    assert "10.213.7.11 hs1\n" in found["etc/hosts"][1]
    assert found["etc/ssh/ssh_host_ed25519_key"][0].mode == 0o600
    assert found["root/.ssh/authorized_keys"][1] == found["home/ops/.ssh/authorized_keys"][1] == ssh.public_key()
    assert (found["root/.ssh/authorized_keys"][0].uid, found["home/ops/.ssh/authorized_keys"][0].uid) == (0, 2000)
    folder = found["home/ops/.ssh"][0]
    assert (folder.isdir(), folder.mode, folder.uid) == (True, 0o700, 2000)


def test_the_host_key_of_a_new_machine_is_known_in_place_of_an_older_ones(state: Path) -> None:
    members("debian13", state)
    before = (state / "ssh/known_hosts").read_text()
    members("debian13", state)
    after = (state / "ssh/known_hosts").read_text()
    assert before != after
    assert after.startswith("vm3,10.213.7.103 ssh-ed25519 ") and after.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "features"),
    [("debian13", None), ("forky", False), ("forky-containerd", True), ("forky-29", None)],
)
def test_the_engine_asks_the_sandboxs_registry_and_has_its_kinds_image_store(kind: str, features: bool | None) -> None:
    daemon = identity.daemon(KINDS[kind])
    assert daemon["registry-mirrors"] == ["http://10.213.7.1:5000"]
    assert daemon.get("features", {}).get("containerd-snapshotter") is features


def test_a_bare_machine_has_no_settings_of_an_engine_but_a_name_server(state: Path) -> None:
    found = members("debian12-bare", state)
    assert "etc/docker/daemon.json" not in found
    assert found["etc/resolv.conf"][1].startswith("nameserver ")


@pytest.mark.usefixtures("state")
def test_a_machine_that_exists_as_another_kind_is_not_replaced() -> None:
    make("vm1", "debian12")
    with pytest.raises(RuntimeError, match="vm1 is a debian12 with 1024 MiB: run `down` first"):
        files.ensure("vm1", "debian13", 1024)


@pytest.mark.usefixtures("state")
def test_existing_hosts_include_virtual_machines() -> None:
    make("vm2", "debian12")
    make("vm10", "debian12")
    (paths.state() / "hosts/hs1").mkdir()
    assert [host.name for host in hosts.existing()] == ["hs1", "vm2", "vm10"]
    assert [type(host) for host in hosts.existing()] == [hosts.Host, VirtualMachine, VirtualMachine]


def test_an_unknown_kind_is_rejected() -> None:
    with pytest.raises(ValueError, match="no kind debian11: use one of debian12, "):
        hosts.up_virtual(["debian13", "debian11"])


@pytest.mark.parametrize(("count", "first"), [(0, 1), (17, 1), (2, 16), (1, 0)])
def test_only_machines_with_addresses_can_be_had(count: int, first: int) -> None:
    with pytest.raises(ValueError, match="a sandbox has vm1 to vm16"):
        hosts.up_virtual(["debian13"] * count, first)
