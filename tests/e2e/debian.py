"""A Debian 12 with cloud-init in separate namespaces: to test the boots of an EC2 machine without EC2."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import lock, packages
from sandbox.artifact import Artifact
from sandbox.process import PATH, run

# The packages of Debian's EC2 images that a first boot needs, and tools that tests need to format volumes.
_PACKAGES = (
    *("ca-certificates", "cloud-init", "e2fsprogs", "grub2-common", "openssh-server", "systemd"),
    *("fdisk", "xfsprogs"),
)

_KERNEL = "boot/vmlinuz-6.1.0-99-amd64"  # update-grub needs this name and a file that is not empty

# cloud-init does what a first boot needs of it, and nothing else.
CLOUD_CONFIGURATION = {
    "etc/cloud/cloud.cfg.d/99-test.cfg": """
datasource_list: [NoCloud]
network: {config: disabled}
cloud_init_modules: [write-files]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-user, power-state-change]
""",
}

_FILES = {
    **CLOUD_CONFIGURATION,
    "etc/hosts": "127.0.0.1 localhost\n",
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",  # packages start no services
    "sbin/shutdown": '#!/bin/sh\necho "$@" > /run/shutdown\n',
    _KERNEL: "stand-in\n",
    "boot/grub/grub.cfg": f"linux /{_KERNEL} quiet\n",
}

# The first process of the machine. Makes the mounts, prints its process id as seen from outside, and runs until its
# standard input is closed. /dev and /run are separate tmpfs, so that nothing is made in those of the machine below.
_HOLDER = """
set -eu
read -r pid _ < /proc/self/stat
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mount --rbind /sys sys
mount -t tmpfs -o mode=755 tmpfs dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir dev/shm run/sshd
ln -s /proc/self/fd dev/fd
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom dev
find /dev -maxdepth 1 -type b ! -name 'loop*' -exec cp -a {} dev ';'
sed -n 's/.*vmlinuz-[^ ]* //p' boot/grub/grub.cfg | head -1 > run/cmdline
mount --bind run/cmdline proc/cmdline
echo "$pid"
exec cat
"""


class Debian:
    """A machine: a file system, and the namespaces in which its processes run.

    Args:
        root: the folder with its file system.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._devices: dict[str, str] = {}
        self._on()

    def write(self, path: str, text: str) -> None:
        """Writes a file; an executable one if it begins with `#!`."""
        _write(self._root / path.lstrip("/"), text)

    def seed(self, user_data: str) -> None:
        """Sets the user data that cloud-init reads at the next boot."""
        for path, text in seed(user_data).items():
            self.write(path, text)

    def attach(self, device: str, name: str) -> None:
        """Makes a block device of this machine available in it, with a symbolic link `name` to the device."""
        self._devices[name] = device
        script = 'cp -a "$1" "$0/dev"; mkdir -p "$(dirname "$0$2")"; ln -sfn "$1" "$0$2"'
        run("nsenter", f"--target={self._pid}", "--mount", "sh", "-ec", script, self._root, device, name)

    def run(self, *command: str, check: bool = True, network: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command in it, for at most 5 minutes. The result's stdout has all output, errors included."""
        words = ["nsenter", f"--target={self._pid}", "--mount", "--uts", "--pid"]
        words += [*([] if network else ["unshare", "--net"]), "chroot", str(self._root), *command]
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            env={"PATH": PATH, "LANG": "C.UTF-8"},
            check=False,
        )
        assert not (check and done.returncode), f"{shlex.join(command)}: {done.returncode}\n{done.stdout}"
        return done

    def boot(self) -> None:
        """Runs cloud-init in the steps and the order in which systemd runs it at every boot."""
        # Without a network: cloud-init would take this machine's interfaces for its own.
        self.run("cloud-init", "init", "--local", network=False)
        self.run("cloud-init", "init", network=False)
        self.run("cloud-init", "modules", "--mode=config")
        self.run("cloud-init", "modules", "--mode=final", check=False)

    def restart(self) -> None:
        """Reboots it: ends its processes, applies the kernel arguments in grub.cfg, and mounts what is in fstab."""
        self.off()
        self._on()
        for name, device in self._devices.items():
            self.attach(device, name)
        self.run("mount", "-a")

    def off(self) -> None:
        """Ends all its processes, and so its mounts."""
        self._holder.communicate()

    def _on(self) -> None:
        words = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--propagation", "private", "--"]
        words += ["bash", "-c", _HOLDER, str(self._root)]
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout
        self._pid = int(self._holder.stdout.readline())


def seed(user_data: str) -> dict[str, str]:
    """The files from which cloud-init reads its user data at the next boot."""
    folder = "var/lib/cloud/seed/nocloud"
    return {f"{folder}/user-data": user_data, f"{folder}/meta-data": "instance-id: i-0123\n"}


@contextmanager
def debian() -> Iterator[Debian]:
    """A new machine that has not been booted yet, with the user `admin`; removed after the block."""
    if not _ROOT.is_built:
        with lock.held():
            packages.ensure("mmdebstrap")
            _ROOT.ensure()
    with TemporaryDirectory(prefix="cdktf-mesos-debian-") as folder:
        root = Path(folder)
        run("tar", "-C", root, "-xf", _ROOT.ensure() / "rootfs.tar", timeout=300)
        for path, text in _FILES.items():
            _write(root / path, text)
        for file in (Path("/etc/resolv.conf"), *Path("/etc/apt/apt.conf.d").iterdir()):  # to reach the mirror
            _write(root / file.relative_to("/"), file.read_text())
        machine = Debian(root)
        try:
            machine.run("useradd", "--create-home", "admin")
            yield machine
        finally:
            machine.off()


@contextmanager
def block_device(image: Path) -> Iterator[str]:
    """A block device for an image file. The kernel removes it with its last user, even if this process is killed."""
    device = run("losetup", "--find", "--show", image).strip()
    with Path(device).open("rb"):
        run("losetup", "--detach", device)  # while the device is open, this only marks it for removal
        yield device


def mirror() -> str:
    """The URL of the Debian mirror that this machine's apt uses."""
    return run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Release: bookworm").splitlines()[0].rstrip("/")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text)
    file.chmod(0o755 if text.startswith("#!") else 0o644)


def _build(folder: Path) -> None:
    options = [f"--include={','.join(_PACKAGES)}", "--dpkgopt=path-exclude=/usr/share/doc/*"]
    # mmdebstrap works in the cache, which apt's own user may not read.
    options.append('--aptopt=APT::Sandbox::User "root"')
    words = ["mmdebstrap", "--quiet", "--variant=minbase", *options, "bookworm"]
    run(*words, folder / "rootfs.tar", timeout=900, env={"TMPDIR": str(folder)})


_ROOT = Artifact("cloud-debian", ("bookworm", *_PACKAGES), _build)
