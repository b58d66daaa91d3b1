"""How this machine logs in to hosts: the key, the known hosts, and the ssh options for the Docker provider."""

from __future__ import annotations

from pathlib import Path

from sandbox import paths
from sandbox.process import run


def ensure_key() -> None:
    """Makes the key pair of the user who deploys, unless it exists."""
    _folder().mkdir(parents=True, exist_ok=True)
    _folder().chmod(0o700)
    _control().mkdir(exist_ok=True)
    _control().chmod(0o700)
    if not _key().exists():
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "cdktf-mesos-sandbox", "-f", _key())


def public_key() -> str:
    """The public key, as a line of a host's authorized_keys."""
    return _key().with_suffix(".pub").read_text()


def know(host: str, host_key: str) -> None:
    """Writes a host's public key to the known hosts, in place of an earlier one."""
    lines = _known_hosts().read_text().splitlines() if _known_hosts().exists() else []
    lines = [line for line in lines if not line.startswith(f"{host},")]
    kind, key = host_key.split()[:2]
    lines.append(f"{host},{paths.address(host)} {kind} {key}")
    _known_hosts().write_text("\n".join(lines) + "\n")


def options() -> list[str]:
    """The ssh options for the Docker provider's `ssh_opts`, one word an item."""
    return [
        *login_options(),
        # Without these, an apply would wait for ever for a host that has lost its power.
        *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
        *("-o", "ControlMaster=auto", "-o", f"ControlPath={_control()}/%C", "-o", "ControlPersist=60"),
    ]


def login_options() -> list[str]:
    """The ssh options for a single login without a shared connection."""
    return [
        *key_options(),
        *("-o", f"UserKnownHostsFile={_known_hosts()}", "-o", "StrictHostKeyChecking=yes"),
        *("-o", "BatchMode=yes", "-o", "ConnectTimeout=5"),
    ]


def key_options() -> list[str]:
    """The ssh options that choose the key."""
    return ["-i", str(_key()), "-o", "IdentitiesOnly=yes"]


def close_master(login: str) -> None:
    """Ends the master of a login, `root@10.213.7.101`, if it has one."""
    run("ssh", *options(), "-O", "exit", login, timeout=10, check=False)


def close_masters() -> None:
    """Ends ssh's processes for shared connections, which outlive the apply that opened them."""
    for socket in _control().glob("*"):
        run("ssh", "-o", f"ControlPath={socket}", "-O", "exit", "any", timeout=10, check=False)


def _folder() -> Path:
    return paths.state() / "ssh"


def _control() -> Path:
    return paths.state() / "cm"


def _key() -> Path:
    return _folder() / "id_ed25519"


def _known_hosts() -> Path:
    return _folder() / "known_hosts"
