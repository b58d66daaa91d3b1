"""The files that only one virtual machine has. Its second disk is an archive of them, unpacked at the first boot."""

from __future__ import annotations

import io
import json
import re
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox import hostfiles, network, paths, ssh
from sandbox.process import run
from sandbox.vm.kinds import Kind

_USER_ID = 2000  # as in customize.sh


def write(archive: Path, host: str, kind: Kind) -> None:
    """Writes the archive, with a new key of the machine's sshd, which is known from then on."""
    key, public_key = _host_key(host)
    ssh.know(host, public_key)
    files = {
        "etc/hostname": f"{host}\n",
        "etc/hosts": hostfiles.addresses(host),
        "etc/systemd/network/bridge.network": _network(host),
        f"home/{paths.USER}/.ssh/authorized_keys": ssh.public_key(),
        "etc/ssh/ssh_host_ed25519_key.pub": public_key,
    }
    if kind.has_engine:
        files["etc/docker/daemon.json"] = json.dumps(daemon(kind), indent=2) + "\n"
    else:
        files |= _way_out()
    secrets = {"etc/ssh/ssh_host_ed25519_key": key, "root/.ssh/authorized_keys": ssh.public_key()}
    with tarfile.open(archive, "w") as tar:
        _add_folder(tar, f"home/{paths.USER}/.ssh")
        for path, text in files.items():
            _add(tar, path, text.encode(), 0o644)
        for path, text in secrets.items():
            _add(tar, path, text.encode(), 0o600)
        if kind.dockerd:
            _add(tar, "usr/sbin/dockerd", (kind.dockerd.ensure() / "dockerd").read_bytes(), 0o755)


def daemon(kind: Kind) -> Mapping[str, Any]:
    """What the engine's daemon.json says; all else is the engine's default."""
    return {
        "registry-mirrors": [f"http://{paths.REGISTRY}"],
        "insecure-registries": [paths.REGISTRY, paths.PRIVATE_REGISTRY],
        **kind.engine,
    }


def _network(host: str) -> str:
    # By its name this file comes before `outside.network`.
    lines = ["[Match]", f"MACAddress={network.mac(host)}", "", "[Network]", f"Address={paths.address(host)}/24"]
    return "\n".join(lines) + "\n"


def _way_out() -> dict[str, str]:
    """The way to Debian's archive, by qemu's own network, as this machine's apt goes it."""
    settings = re.findall(r"(?m)^Acquire::(?:Check|https?::Proxy).*$", run("apt-config", "dump"))
    return {
        "etc/apt/apt.conf.d/sandbox": "\n".join(settings) + "\n",
        "etc/resolv.conf": "nameserver 10.0.2.3\n",
        "etc/systemd/network/outside.network": "[Match]\nName=e*\n\n[Network]\nDHCP=ipv4\n",
    }


def _host_key(host: str) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder, "key")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host, "-f", key)
        return key.read_text(), key.with_suffix(".pub").read_text()


def _add_folder(tar: tarfile.TarFile, path: str) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode = tarfile.DIRTYPE, 0o700
    member.uid = member.gid = _USER_ID
    tar.addfile(member)


def _add(tar: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.mode, member.size = mode, len(content)
    if path.startswith(f"home/{paths.USER}/"):
        member.uid = member.gid = _USER_ID
    tar.addfile(member, io.BytesIO(content))
