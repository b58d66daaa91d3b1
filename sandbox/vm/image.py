"""The disks that virtual machines begin with: Debian, installed by mmdebstrap, on a disk that can be booted."""

from __future__ import annotations

import functools
import shlex
import shutil
from pathlib import Path

from sandbox import packages, paths
from sandbox.artifact import Artifact
from sandbox.process import run

DISK, KERNEL, INITRD = "disk.raw", "vmlinuz", "initrd"

_HERE = Path(__file__).parent
_ROOT, _CUSTOMIZE = _HERE / "root", _HERE / "customize.sh"
_SIZE = 12 << 30  # bytes; sparse: the file takes what is written
_START = 1 << 20  # where the partition begins

# What Debian's installer leaves on a machine, as far as hosts of Docker have to do with it.
_PACKAGES = (
    *("apparmor", "ca-certificates", "dbus", "iproute2", "iptables", "kmod", "openssh-server", "procps", "sudo"),
    *("systemd-sysv", "udev"),
    *("linux-image-cloud-amd64", "initramfs-tools", "zstd"),
)
_BARE = ("grub-pc-bin", "grub2-common")
_ENGINE = {"bookworm": ("docker.io",)}
_NEWER_ENGINE = ("docker.io", "docker-cli")  # the command has a package of its own from trixie on


def artifact(suite: str, *, has_engine: bool) -> Artifact:
    """The disk, the kernel and its initial file system.

    Args:
        suite: Debian's name of the release.
        has_engine: whether Docker is installed.
    """
    wanted = (*_PACKAGES, *(_ENGINE.get(suite, _NEWER_ENGINE) if has_engine else _BARE))
    return Artifact(
        name=f"{suite}{'' if has_engine else '-bare'}",
        inputs=(Path(__file__), _CUSTOMIZE, _ROOT, suite, *wanted),
        build=functools.partial(_build, suite, wanted),
    )


def _build(suite: str, wanted: tuple[str, ...], folder: Path) -> None:
    packages.ensure(*packages.VIRTUAL)
    root = folder / "root"
    _install(suite, wanted, root)
    for link, name in (("vmlinuz", KERNEL), ("initrd.img", INITRD)):
        shutil.copy(root / (root / link).readlink(), folder / name)
    _make_disk(root, folder / DISK)
    if _BARE[0] in wanted:
        _make_bootable(root / "boot/grub", folder / DISK)
    shutil.rmtree(root)


def _install(suite: str, wanted: tuple[str, ...], root: Path) -> None:
    customize = " ".join(["bash", shlex.quote(str(_CUSTOMIZE)), '"$1"', shlex.quote(str(_ROOT)), paths.USER])
    options = [
        *("--quiet", "--variant=minbase", "--format=directory", f"--include={','.join(wanted)}"),
        # It works in the cache, where apt's own user may not look.
        '--aptopt=APT::Sandbox::User "root"',
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")),
        # Before the kernel's package makes its initial file system.
        f"--essential-hook=copy-in {shlex.quote(str(_ROOT / 'common/etc/initramfs-tools'))} /etc",
        f"--customize-hook={customize}",
    ]
    run("mmdebstrap", *options, suite, root, timeout=1200, env={"TMPDIR": str(root.parent)})


def _make_disk(root: Path, disk: Path) -> None:
    """Makes a disk with one partition, which has these files."""
    with disk.open("wb") as file:
        file.truncate(_SIZE)
    layout = disk.with_suffix(".sfdisk")
    layout.write_text(f"start={_START // 512}, type=83, bootable\n")
    run("sh", "-c", 'exec sfdisk --quiet "$0" < "$1"', disk, layout)
    layout.unlink()
    # The kernel need not clear what is a hole of the file.
    features = f"offset={_START},lazy_itable_init=1,lazy_journal_init=1"
    size = f"{(_SIZE - _START) // 1024}k"
    run("mke2fs", "-q", "-F", "-t", "ext4", "-d", root, "-E", features, disk, size, timeout=300)


def _make_bootable(grub: Path, disk: Path) -> None:
    """Writes GRUB before the partition: its code in the first sector reads on at the second."""
    with disk.open("r+b") as file:
        file.write((grub / "i386-pc/boot.img").read_bytes()[:440])  # the table of partitions follows
        file.seek(512)
        file.write((grub / "core.img").read_bytes())
