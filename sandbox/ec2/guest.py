"""Makes a host of the sandbox look like an instance from inside, by files in its own folder."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sandbox import paths
from sandbox.ec2.userdata import File
from sandbox.host import Host
from sandbox.process import wait_until

# The folders that a host has for itself (see host-init.sh); everything else that it sees is this machine's.
_OWN = ("etc", "home", "root", "opt", "srv", "tmp", "usr/local", "var", "mnt")

# The kernel arguments that a host shows. Its kernel is this machine's, and has its cgroup v1 hierarchies in any case.
_CMDLINE = (
    "BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro"
    " systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1\n"
)

_GREETS = "exec 3<> /dev/tcp/{}/22 && read -r line <&3 && [[ $line == SSH-* ]]"
_STATUS = "var/lib/cloud/sandbox-status"
_CLOUD_INIT = f"""#!/bin/sh
# The sandbox's stand-in for cloud-init. The real one does not run on hosts: Ec2 does its work from outside.
echo "this is the sandbox's stand-in for cloud-init" >&2
case "$1" in
    status) ;;
    *) echo "it supports only \\`cloud-init status [--wait]\\`" >&2; exit 64 ;;
esac
while status=$(cat /{_STATUS}); [ "$status" = running ]; do
    case "$*" in *--wait*|*-w*) sleep 0.2 ;; *) break ;; esac
done
echo "status: $status"
[ "$status" != error ]
"""


def prepare(host: str, environment: Mapping[str, str], public_key: str | None) -> None:
    """Gives a new host that is off the files that an instance has at its first boot.

    Args:
        host: the host's name.
        environment: the environment of the `aws` command on the host.
        public_key: the public key of the instance's key pair, which may log in as well as the sandbox's own key.
    """
    root = paths.host_dir(host)
    (root / "cmdline").write_text(_CMDLINE)
    (root / "visible").write_text("".join(f"{path}\n" for path in hidden(sys.prefix, sys.base_prefix)))
    (root / _STATUS).parent.mkdir(parents=True)
    set_status(host, "running")
    _write(root / "usr/local/bin/cloud-init", _CLOUD_INIT.encode(), 0o755)
    _write(root / "usr/local/bin/aws", _aws(environment).encode(), 0o755)
    if public_key:
        with (root / "home" / paths.USER / ".ssh/authorized_keys").open("a") as keys:
            keys.write(f"{public_key.strip()}\n")


def is_one(host: str) -> bool:
    """Whether a host was prepared as an instance."""
    return (paths.host_dir(host) / _STATUS).exists()


def set_status(host: str, status: str) -> None:
    """Sets the status that the stand-in for cloud-init reports: `running`, `done` or `error`."""
    _write(paths.host_dir(host) / _STATUS, status.encode(), 0o644)


def write(host: str, file: File) -> None:
    """Writes a file of the user data.

    Raises:
        ValueError: its path is not below one of the host's own folders.
    """
    path = PurePosixPath(file.path)
    if ".." in path.parts or not any(path.is_relative_to(f"/{own}") for own in _OWN):
        raise ValueError(f"user data: {path} is not below one of the host's own folders: {', '.join(_OWN)}")
    _write(paths.host_dir(host) / path.relative_to("/"), file.content, file.mode)


def wait_up(host: Host) -> None:
    """Waits for engine and sshd. Both are tested from inside the host: security groups may keep this machine out.

    Raises:
        TimeoutError: one of them does not answer; the text names its log.
    """
    log = paths.host_dir(host.name) / "var/log"
    wait_until(host.engine_answers, lambda: f"{host.name}: its engine does not answer: see {log}/dockerd.log")
    wait_until(lambda: _sshd_answers(host), lambda: f"{host.name}: its sshd does not answer: see {log}/sshd.log")


def hidden(*folders: str) -> list[str]:
    """The folders of this machine, of those given, that a host does not see because its own ones cover them."""
    return sorted({path for path in folders if any(PurePosixPath(path).is_relative_to(f"/{own}") for own in _OWN)})


def _sshd_answers(host: Host) -> bool:
    with contextlib.suppress(RuntimeError):
        host.run("timeout", "5", "bash", "-c", _GREETS.format(host.address))
        return True
    return False


def _aws(environment: Mapping[str, str]) -> str:
    settings = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    return f'#!/bin/sh\n{settings}exec {shlex.quote(sys.executable)} -m awscli "$@"\n'


def _write(path: Path, content: bytes, mode: int) -> None:
    """Writes a file at once: a reader finds either the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    new.chmod(mode)
    new.rename(path)
