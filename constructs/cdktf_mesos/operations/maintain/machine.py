"""A machine with its members: what the sets say about losing it, and whether it is back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.deployed import Deployed
from cdktf_mesos.operations.engine import engine_of
from cdktf_mesos.operations.status.report import Row
from cdktf_mesos.operations.status.seen import look
from cdktf_mesos.operations.status.self_report import run_script
from cdktf_mesos.operations.status.wanted import Wanted
from cdktf_mesos.role.probe import others_serve_script

# How long the questions to all members of a set may take, in seconds: each has a limit of a few (role/ask.sh).
_SET_SECONDS = 300

# Prints an id that the kernel makes at each boot (Linux kernel docs, sysctl/kernel: random).
_BOOT = 'echo "$(< /proc/sys/kernel/random/boot_id)"'

_WELL = ("healthy", "serves")


@dataclass(frozen=True)
class Machine:
    """A machine of the program.

    Args:
        name: its name.
        hosts: the hosts that have its engine: one, or two if it is in two lists of the program.
        members: all members on it.
        others: the other members of their sets, and those themselves, by sets in the order of each set.
    """

    name: str
    hosts: Sequence[Host]
    members: Sequence[Wanted]
    others: Sequence[Wanted]

    @property
    def host(self) -> Host:
        """How it is reached."""
        return self.hosts[0]

    @property
    def address(self) -> str:
        """The address at which its members listen."""
        return self.members[0].address.rpartition(":")[0] if self.members else ""

    @property
    def agents(self) -> list[str]:
        """The addresses of its agents, each with its port."""
        return [each.address for each in self.members if each.runs_tasks]


def machines_of(deployed: Deployed) -> list[Machine]:
    """All machines with members, in the order of the roll."""
    found: dict[str, list[Host]] = {}
    for host in deployed.hosts:
        found.setdefault(host.connection.engine if host.connection else host.name, []).append(host)
    machines = []
    for hosts in found.values():
        members = [each for each in deployed.members if each.host in hosts]
        sets = {each.set for each in members}
        others = sorted(
            (each for each in deployed.members if each.set in sets), key=lambda each: (each.set, each.place or 0)
        )
        if members:
            machines.append(Machine(hosts[0].name, hosts, members, others))
    return machines


def lonely(machine: Machine) -> list[str]:
    """The sets that have no other member, so that nobody does their work meanwhile. Agents are left out."""
    counts = {each.set: sum(other.set == each.set for other in machine.others) for each in machine.members}
    tasks = {each.set for each in machine.members if each.runs_tasks}
    return [name for name, count in counts.items() if count == 1 and name not in tasks]


def why_needed(machine: Machine, patience: float, seconds: float) -> str | None:
    """Why a set cannot do without its member on the machine; None if all can. A preflight asks the same.

    Args:
        machine: the machine.
        patience: how long the other members may take to serve, in seconds.
        seconds: how long an engine may take.

    Raises:
        RuntimeError: an older cdktf-mesos wrote the output, an address is not known, or nobody could ask.
    """
    for member in machine.members:
        deadline = time.monotonic() + patience
        while (why := _ask_set(machine, member, seconds)) is not None:
            if time.monotonic() > deadline:
                return why
            time.sleep(1)
    return None


def _ask_set(machine: Machine, member: Wanted, seconds: float) -> str | None:
    if member.place is None:
        raise RuntimeError("cdktf.out was written by an older cdktf-mesos: use --synth")
    peers = [each for each in machine.others if each.set == member.set]
    if not member.forms_with:
        # A roll accepts that members later in the list do not serve: they may not be deployed yet. Here they must.
        peers.sort(key=lambda each: each is member)
    unknown = [each.container for each in peers if not each.address]
    if unknown:
        raise RuntimeError(f"the address of {unknown[0]} is not known yet: deploy first")
    address, port, path, _ = member.arguments
    arguments = [member.role, "0", address, port, path, str(member.forms_with), "yes" if member.waits else "no", "-"]
    arguments += [each.address.rpartition(":")[0] for each in peers]
    script = others_serve_script(member.script)
    reasons = []
    # The member's own container has the right image, and its machine reaches the others. If it does not run, any other
    # member of the set can ask.
    for asked in (member, *(each for each in peers if each is not member)):
        try:
            answer = _run(asked.host, [asked.container], script, arguments, max(seconds, _SET_SECONDS))
        except (RuntimeError, OSError) as problem:
            reasons.append(str(problem))
            continue
        if answer is not None:
            code, output = answer
            return None if code == 0 else output.strip() or f"the questions ended with exit code {code}"
    raise RuntimeError(f"nobody could ask the other members of {member.set}: {'; '.join(reasons) or 'none has bash'}")


def why_not_back(machine: Machine, seconds: float) -> str | None:
    """Why the machine is not back: its engine, or a member that is not healthy; None if it is back."""
    for host in machine.hosts:
        members = [each for each in machine.members if each.host is host]
        try:
            seen = look(host, members, seconds)
        except (RuntimeError, OSError) as problem:
            return str(problem)
        for member in members:
            reported = seen.reported.get(member.container)
            row = Row(member, seen.containers.get(member.container), reported, None)
            if row.health not in _WELL:
                why = f": {row.container.output}" if row.container and row.container.output else ""
                return f"{member.container} is {row.health}{why}"
            if reported is not None and not reported.serves:
                return f"{member.container} does not serve"
    return None


def boot_of(machine: Machine, seconds: float) -> str:
    """An id that changes with each boot of the machine; empty if it cannot be found out.

    Raises:
        RuntimeError: its engine cannot be reached.
    """
    answer = _run(machine.host, [each.container for each in machine.members], _BOOT, (), seconds)
    return answer[1].strip() if answer and answer[0] == 0 else ""


def _run(
    host: Host, containers: Sequence[str], script: str, arguments: Sequence[str], seconds: float
) -> tuple[int, str] | None:
    with engine_of(host, seconds) as client:
        return run_script(client, containers, script, arguments)
