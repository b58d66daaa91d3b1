"""Logins to all machines of a program, and to the bastion that leads to them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.host.public_key import PublicKey, key_in
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.process import Processes

_SCRIPT = scripts.text_of(Path(__file__).with_name("keys.sh"))
_PROXY = "ProxyCommand="
# How the application's own bastion is passed (aws/login.py, Login.through).
_THROUGH = "ssh -W %h:%p "


@dataclass(frozen=True)
class Login:
    """A login.

    Args:
        name: the machine's name.
        words: the ssh command up to the destination, without the command to run.
    """

    name: str
    words: tuple[str, ...]

    def read(self, processes: Processes) -> list[PublicKey]:
        """The keys that may log in as this user.

        Raises:
            RuntimeError: there is no login.
        """
        found = [key_in(line) for line in self._run(processes, "list").splitlines()]
        return [each for each in found if each]

    def add(self, processes: Processes, keys: Sequence[PublicKey]) -> None:
        """Add keys; those that are there already stay as they are. Raises what `read` does."""
        self._run(processes, "add", *(each.line for each in keys))

    def remove(self, processes: Processes, keys: Sequence[PublicKey]) -> None:
        """Remove keys, and log in once more. If that fails, put them back.

        Raises:
            RuntimeError: there is no login; no key would be left; without the keys there would be no login.
        """
        self._run(processes, "remove", *(each.line for each in keys))
        try:
            self._run(processes, "keep", fresh=True)
        except RuntimeError as problem:
            # The connection of before is still there.
            self._run(processes, "restore")
            raise RuntimeError(f"they are needed for your login, and were put back: {problem}") from None

    def _run(self, processes: Processes, *arguments: str, fresh: bool = False) -> str:
        """Run the script. `fresh` makes a new connection instead of sharing one that is open."""
        program, *others = self.words
        own = ["-o", "ControlMaster=no", "-o", "ControlPath=none"] if fresh else []
        words = [program, *own, *others, shlex.join(["bash", "-s", "--", *arguments])]
        try:
            code, output, errors = processes.run(words, Path.cwd(), given=_SCRIPT)
        except (OSError, TimeoutError) as problem:
            raise RuntimeError(str(problem)) from None
        if code:
            lines = [line.strip() for line in errors.splitlines() if line.strip()]
            raise RuntimeError(lines[-1] if lines else f"exit code {code}")
        return output


def logins_of(hosts: Sequence[Host]) -> tuple[list[Login], dict[str, str]]:
    """The logins to hosts with `ssh://` engines and to their bastion, each once; and why others have none."""
    found: dict[tuple[str, ...], str] = {}
    missing: dict[str, str] = {}
    for host in hosts:
        if host.connection is None or not host.connection.login:
            missing[host.name] = host.error or "its engine is not reached by ssh"
            continue
        found.setdefault(host.connection.login, host.name)
        for word in host.connection.ssh_options:
            proxy = word.removeprefix(_PROXY)
            if word.startswith(_PROXY) and proxy.startswith(_THROUGH):
                # ssh replaces what follows a '%'.
                *options, destination = shlex.split(proxy.removeprefix(_THROUGH).replace("%%", "%"))
                found.setdefault(("ssh", *options, "-T", "--", destination), "bastion")
    return [Login(name, words) for words, name in found.items()], missing
