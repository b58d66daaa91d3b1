"""Runs the script that makes a machine a host, over ssh."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdktf_mesos.host.prepare import FORMS, script
from cdktf_mesos.host.ssh_options import SSH_OPTIONS
from cdktf_mesos.operations.process import Processes

_HOST = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_FORM = f"(?P<user>{FORMS['login_user'][0]})@(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?"
_HIGHEST_PORT = 65535

# These come first, because ssh uses the first value of an option. The connection is not shared with a deploy: it would
# keep the groups that the user had at the login, and so could not use the engine.
_FIRST = ("-o", "StrictHostKeyChecking=yes", "-o", "ControlMaster=no", "-o", "ControlPath=none")


@dataclass(frozen=True)
class Machine:
    """A machine and the user that logs in.

    Args:
        user: the user.
        host: its address or name.
        port: the port of its sshd; by default that of ssh's configuration.
    """

    user: str
    host: str
    port: str = ""

    def __str__(self) -> str:
        return f"{self.user}@{self.host}{self.port and ':'}{self.port}"

    def line(self, user: str) -> str:
        """The machine in a program, for the platform `static`.

        Args:
            user: who uses its engine.
        """
        address = self.host if re.fullmatch("[0-9]+([.][0-9]+){3}", self.host) else "<address>"
        engine = f"ssh://{user}@{self.host}{self.port and ':'}{self.port}"
        return f'Machine("<name>", "{address}", "{engine}")'


@dataclass
class Report:
    """What the script said.

    Args:
        would: the changes of a plan.
        did: the changes that were made, and how to undo each.
        left: what is not as it should be, and is not changed.
    """

    would: list[str] = field(default_factory=list)
    did: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def machine_of(text: str) -> Machine:
    """Read `user@host` or `user@host:port`.

    Raises:
        ValueError: it is something else.
    """
    found = re.fullmatch(_FORM, text)
    if found is None or int(found["port"] or 1) > _HIGHEST_PORT:
        raise ValueError(f"{text!r} is not a machine. Use user@host or user@host:port, such as 'ops@10.20.30.11'")
    return Machine(found["user"], found["host"], found["port"] or "")


class Login:
    """Logs in to machines and runs the script there.

    Args:
        ssh_options: words for ssh.
        processes: runs ssh.
    """

    def __init__(self, ssh_options: Sequence[str], processes: Processes) -> None:
        self._options, self._processes = ssh_options, processes
        self._script = script()

    def run(self, machine: Machine, mode: str, options: Sequence[str]) -> Report:
        """Run the script.

        Args:
            machine: where.
            mode: `plan` or `apply`.
            options: further options of the script.

        Raises:
            RuntimeError: it failed, or there is no login. The message has the reason, in one line.
        """
        sudo = [] if machine.user == "root" else ["sudo", "-n"]
        words = [
            *("ssh", *_FIRST, *self._options, *SSH_OPTIONS, "-l", machine.user),
            *(["-p", machine.port] if machine.port else []),
            *("-T", "--", machine.host, shlex.join([*sudo, "bash", "-s", "--", mode, *options])),
        ]
        code, output, errors = self._processes.run(words, Path.cwd(), given=self._script)
        if code:
            lines = _lines(errors) or [f"exit code {code}"]
            raise RuntimeError(_with_remedy(lines[-1], errors, machine))
        return _report(_lines(output))


def _report(lines: Sequence[str]) -> Report:
    report = Report()
    for line in lines:
        kind, _, text = line.partition(": ")
        if kind == "would":
            report.would.append(text)
        elif kind == "did":
            report.did.append((text, ""))
        elif kind == "undo" and report.did:
            report.did[-1] = (report.did[-1][0], text)
        elif kind == "left":
            report.left.append(text)
    return report


def _with_remedy(line: str, errors: str, machine: Machine) -> str:
    if re.search("^(bash: line [0-9]+: |-?[a-z]*sh: [0-9]*:? ?)?sudo: ", errors, re.MULTILINE):
        remedy = "Let it use sudo without a password, log in as root, or run the script by hand: see --print-script"
        return f"{machine.user} cannot use sudo: {line}. {remedy}"
    if "Host key verification failed" in errors:
        return f"{line} Log in once with ssh, and compare the key that it shows with the machine's"
    return line


def _lines(text: str) -> list[str]:
    """The lines of a machine's answer, without what could control a terminal."""
    lines = ("".join(each if each.isprintable() else " " for each in line).strip() for line in text.splitlines())
    return [line for line in lines if line]
