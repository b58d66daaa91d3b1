"""The files that each host has for itself. They outlive its power cuts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from sandbox import disk, paths, ssh
from sandbox.process import run

# In the host's folder, so that it has the same path on this machine after every start.
ENGINE_SOCKET = "srv/docker.sock"

# Engine defaults that show in every container's settings, as real engines may have them. Tests show that Terraform's
# plan does not mistake them for changes.
ENGINE_DEFAULTS: dict[str, Any] = {
    "log-opts": {"compress": "true", "labels": "sandbox", "max-file": "4", "max-size": "50m", "tag": "{{.Name}}"},
    "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 4096, "Hard": 4096}},
    "default-shm-size": "128M",
    "default-ipc-mode": "shareable",
    "runtimes": {"sandbox": {"path": "/usr/sbin/runc"}},
    "default-runtime": "sandbox",
    "dns": [paths.BRIDGE_ADDRESS],
    "dns-opts": ["timeout:1"],
    "dns-search": ["example.test"],
}

_FOLDERS = (
    f"home/{paths.USER}/.ssh",
    *("root", "opt", "srv", "mnt", "tmp", "usr/local/bin", "usr/local/sbin", "usr/local/lib"),
    *("var/cache", "var/lib", "var/log", "var/spool", "var/tmp"),
)
_USER_ID = 2000


def ensure(host: str) -> None:
    """Makes a host's folder unless it exists. It gets its name only when it is complete."""
    folder = paths.host_dir(host)
    if folder.is_dir():
        return
    new = folder.with_name(f".{host}")
    shutil.rmtree(new, ignore_errors=True)
    for name in _FOLDERS:
        (new / name).mkdir(parents=True)
    for name in ("tmp", "var/tmp"):
        (new / name).chmod(0o1777)
    (new / "var/run").symlink_to("/run")
    run("cp", "-a", "/etc", new / "etc")
    _name(host, new / "etc")
    _user(new)
    _sshd(host, new / "etc/ssh")
    _engine(new / "etc/docker")
    disk.make(new)
    new.rename(folder)


def _name(host: str, etc: Path) -> None:
    """Writes the host's name and the addresses of all hosts. The host gets no name server, not even this machine's."""
    (etc / "hostname").write_text(f"{host}\n")
    (etc / "hosts").write_text(addresses(host))
    (etc / "resolv.conf").unlink(missing_ok=True)
    (etc / "resolv.conf").write_text("")


def addresses(host: str) -> str:
    """A host's /etc/hosts, with every address of the sandbox."""
    others = [f"hs{number}" for number in range(1, paths.MAX_HOSTS + 1)]
    others += [f"vm{number}" for number in range(1, paths.MAX_VIRTUAL + 1)]
    lines = ["127.0.0.1 localhost", f"{paths.address(host)} {host}"]
    lines += [f"{paths.address(other)} {other}" for other in others if other != host]
    return "\n".join(lines) + "\n"


def _user(root: Path) -> None:
    """Adds the user that Terraform logs in as; it may use the engine."""
    name, number = paths.USER, _USER_ID
    etc = root / "etc"
    _append(etc / "passwd", f"{name}:x:{number}:{number}::/home/{name}:/bin/bash")
    _append(etc / "shadow", f"{name}:*:19000:0:99999:7:::")  # with "!" (locked), sshd would refuse keys, too
    groups = re.sub(r"(?m)^(docker:[^:]*:\d+:).*$", rf"\g<1>{name}", (etc / "group").read_text())
    (etc / "group").write_text(groups)
    _append(etc / "group", f"{name}:x:{number}:")
    ssh_folder = root / "home" / name / ".ssh"
    (ssh_folder / "authorized_keys").write_text(ssh.public_key())
    ssh_folder.chmod(0o700)
    run("chown", "-R", f"{number}:{number}", root / "home" / name)


def _sshd(host: str, folder: Path) -> None:
    for old in folder.glob("ssh_host_*"):
        old.unlink()
    key = folder / "ssh_host_ed25519_key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host, "-f", key)
    ssh.know(host, key.with_suffix(".pub").read_text())
    config = [
        f"ListenAddress {paths.address(host)}",
        "HostKey /etc/ssh/ssh_host_ed25519_key",
        "UsePAM no",
        "PasswordAuthentication no",
        # With sshd's defaults, connections are dropped when Terraform opens many in parallel.
        "MaxStartups 100",
        "MaxSessions 100",
        "Subsystem sftp internal-sftp",
    ]
    (folder / "sshd_config").write_text("\n".join(config) + "\n")


def _engine(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    config = {
        # The same path as agents mount, not /run/docker.sock. An engine that is stopping has removed its socket. If it
        # starts a container that mounts the socket then, it makes a directory there, and cannot start again (moby issue
        # 41392). So it refuses to, but only if both paths are the same text (Docker, volumes_unix.go, setupMounts).
        "hosts": ["unix:///var/run/docker.sock", f"unix:///{ENGINE_SOCKET}"],
        "bridge": "none",
        "iptables": False,
        "ip-forward": False,
        "storage-driver": "overlay2",
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "shutdown-timeout": 10,
        "registry-mirrors": [f"http://{paths.REGISTRY}"],
        "insecure-registries": [paths.REGISTRY, paths.PRIVATE_REGISTRY],
        **ENGINE_DEFAULTS,
    }
    (folder / "daemon.json").write_text(json.dumps(config, indent=2) + "\n")


def _append(path: Path, line: str) -> None:
    text = path.read_text()
    path.write_text(f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{line}\n")
