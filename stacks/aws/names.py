"""The machines of a cluster on AWS: their names, subnets and addresses, which stay whoever comes and goes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf_mesos.aws import Place
from cdktf_mesos.aws.places import RESERVED_LAST, check_address
from cdktf_mesos.errors import invalid
from stacks.aws.settings import Aws, AwsPool
from stacks.platform import MIN_SHRUNK

# Where in its subnet the first machine of a kind is by default, counted from 0.
_FROM = {"control": 10, "agent": 20}
_COUNTS = {"control": "control_plane", "agent": "agents"}


@dataclass(frozen=True)
class PlannedMachine:
    """A machine to be made.

    Args:
        name: `control-1`.
        number: 1.
        place: its subnet.
        address: its private address there.
        leaving: whether its members end.
        left: whether it is gone.
    """

    name: str
    number: int
    place: Place
    address: str
    leaving: bool = False
    left: bool = False


def control_plane(aws: Aws, places: Sequence[Place]) -> list[PlannedMachine]:
    """The machines of the control plane, those that leave and that have left among them.

    Raises:
        ValueError: an even number of them stays; others leave than the last ones, or too many; an address that a subnet
            does not have.
    """
    machines = _numbered(aws, "control", aws.control_plane, places)
    staying = [not (machine.leaving or machine.left) for machine in machines]
    if staying != sorted(staying, reverse=True) or (False in staying and sum(staying) < MIN_SHRUNK):
        right = f"of the control plane the last machines, so that {MIN_SHRUNK} or more stay"
        raise invalid("Aws", "leaving", [*aws.leaving, *aws.left], right)
    if sum(staying) % 2 == 0:
        right = f"an odd number, 1, 3 or 5, as an even one survives no more losses; {sum(staying)} stay"
        raise invalid("Aws", "control_plane", aws.control_plane, right)
    return machines


def agents(aws: Aws, places: Sequence[Place]) -> list[tuple[AwsPool | None, list[PlannedMachine]]]:
    """The machines of the agents of each pool and of none, those that leave and that have left among them.

    Raises:
        ValueError: a name that no machine has; an address that a subnet does not have, or two machines.
    """
    control = _numbered(aws, "control", aws.control_plane, places)
    kinds: list[tuple[AwsPool | None, list[PlannedMachine]]] = [
        (pool, _numbered(aws, pool.name, pool.agents, places, pool)) for pool in aws.pools
    ]
    kinds.append((None, _numbered(aws, "agent", aws.agents, places)))
    _check_names(aws, [each.name for each in control], [each.name for _, made in kinds for each in made])
    having: dict[str, str] = {}
    for machine in (*control, *(each for _, made in kinds for each in made)):
        if machine.left:
            continue
        if other := having.get(machine.address):
            right = f"another one, or another first for its pool, as {other} has it"
            raise invalid("Aws", f"addresses[{machine.name!r}]", machine.address, right)
        having[machine.address] = machine.name
    return kinds


def batches(
    machines: Sequence[PlannedMachine], size: int, pool: AwsPool | None = None
) -> Iterator[tuple[str, list[PlannedMachine]]]:
    """The agents that may be replaced at the same time, by the names of their waves, which only `size` can change."""
    batched: dict[int, list[PlannedMachine]] = {}
    for machine in machines:
        batched.setdefault((machine.number - 1) // size, []).append(machine)
    for index, batch in batched.items():
        first, last = index * size + 1, (index + 1) * size
        prefix = f"{pool.name}-" if pool else ""
        yield prefix + (f"{first:04}" if size == 1 else f"{first:04}-{last:04}"), batch


def _check_names(aws: Aws, control: list[str], agents: list[str]) -> None:
    """Refuse names of machines that there are not."""
    bastion = [] if aws.session_manager else ["bastion"]
    for argument, known in {
        "leaving": [name for name in (*control, *agents) if name not in aws.left],
        "left": [*control, *agents],
        "addresses": [*control, *agents, *bastion],
        "generations": [*control, *agents, *bastion],
    }.items():
        for name in getattr(aws, argument):
            if name not in known:
                close = difflib.get_close_matches(name, known, n=3) or known
                raise invalid("Aws", argument, name, f"names of machines that can be here: {', '.join(close)}")


def _numbered(
    aws: Aws, kind: str, count: int, places: Sequence[Place], pool: AwsPool | None = None
) -> list[PlannedMachine]:
    machines = []
    for index in range(count):
        name, place = f"{kind}-{index + 1}", places[index % len(places)]
        network = IPv4Network(place.cidr)
        host = (pool.first if pool else _FROM[kind]) + index // len(places)
        argument = f"addresses[{name!r}]"
        if name not in aws.addresses and host >= network.num_addresses - RESERVED_LAST:
            right = f"fewer, a larger subnet in {place.zone}, or {argument}: {name} would be number {host} of {network}"
            where, counted = (f"Pool {pool.name}", "agents") if pool else ("Aws", _COUNTS[kind])
            raise invalid(where, counted, count, right)
        address = aws.addresses.get(name) or str(network[host])
        check_address("Aws", argument, address, place)
        leaving, left = name in aws.leaving, name in aws.left
        machines.append(PlannedMachine(name, index + 1, place, address, leaving, left))
    return machines
