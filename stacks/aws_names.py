"""The machines of a cluster on AWS: their names, subnets and addresses, which stay whoever comes and goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf_mesos.aws import Place
from cdktf_mesos.aws.places import check_address
from stacks.aws_settings import Aws

# Where in its subnet the first machine of a kind is by default, counted from 0.
_CONTROL, _AGENTS = 10, 20


@dataclass(frozen=True)
class Machine:
    """A machine to be made.

    Args:
        name: `control-1`.
        number: 1.
        place: its subnet.
        address: its private address there.
    """

    name: str
    number: int
    place: Place
    address: str


def control_plane(aws: Aws, places: Sequence[Place]) -> list[Machine]:
    """The machines of the control plane, those that leave among them.

    Raises:
        ValueError: an even number of them stays; others leave than the last ones; names that no machine has.
    """
    machines = _numbered(aws, "control", aws.control_plane, _CONTROL, places)
    staying = [machine.name not in aws.leaving for machine in machines]
    if staying != sorted(staying, reverse=True):
        raise ValueError(f"Aws: leaving={aws.leaving!r}: of the control plane, the last machines")
    if sum(staying) % 2 == 0:
        right = "an odd number, 1, 3 or 5, as an even one survives no more losses"
        raise ValueError(f"Aws: control_plane={aws.control_plane!r} (of which {sum(staying)} stay): {right}")
    return machines


def agents(aws: Aws, places: Sequence[Place]) -> list[Machine]:
    """The machines of the agents, those that leave among them, without those that have left.

    Raises:
        ValueError: a name that no machine has; an address that its subnet does not have.
    """
    machines = _numbered(aws, "agent", aws.agents, _AGENTS, places)
    known = {machine.name for machine in (*machines, *_numbered(aws, "control", aws.control_plane, _CONTROL, places))}
    for argument, names in {
        "leaving": aws.leaving,
        "left": aws.left,
        "addresses": aws.addresses,
        "generations": aws.generations,
    }.items():
        for name in names:
            if name not in known | ({"bastion"} if argument in ("addresses", "generations") else set()):
                right = f"names of machines: control-1 to control-{aws.control_plane}, agent-1 to agent-{aws.agents}"
                raise ValueError(f"Aws: {argument}={name!r}: {right}")
    return [machine for machine in machines if machine.name not in aws.left]


def batches(machines: Sequence[Machine], size: int) -> Iterator[tuple[str, list[Machine]]]:
    """The agents that may be replaced at the same time, by the names of their waves, which only `size` can change."""
    batched: dict[int, list[Machine]] = {}
    for machine in machines:
        batched.setdefault((machine.number - 1) // size, []).append(machine)
    for index, batch in batched.items():
        first, last = index * size + 1, (index + 1) * size
        yield (f"{first:04}" if size == 1 else f"{first:04}-{last:04}"), batch


def _numbered(aws: Aws, kind: str, count: int, offset: int, places: Sequence[Place]) -> list[Machine]:
    if count < 0:
        raise ValueError(f"Aws: {kind}: {count!r} machines: 0 or more")
    machines = []
    for index in range(count):
        name, place = f"{kind}-{index + 1}", places[index % len(places)]
        network, host = IPv4Network(place.cidr), offset + index // len(places)
        if name not in aws.addresses and host >= network.num_addresses:
            right = f"a larger range, or addresses[{name!r}]: it would be number {host} of {network}"
            raise ValueError(f"Aws: the subnet in {place.zone} cannot hold {name}: {right}")
        address = aws.addresses.get(name) or str(network[host])
        machines.append(Machine(name, index + 1, place, check_address("Aws", f"addresses[{name!r}]", address, place)))
    return machines
