"""The machines of a cluster on AWS: names, subnets and addresses. They stay when other machines come or leave."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from cdktf_mesos.aws import Place
from cdktf_mesos.aws.places import RESERVED_LAST, check_address
from cdktf_mesos.errors import invalid
from stacks.aws.settings import Aws, AwsPool
from stacks.load_balancers import machines_of
from stacks.platform import MIN_SHRUNK
from stacks.settings import Cluster

# Default position of the first machine of a kind in its subnet, counted from 0.
_FROM = {"control": 10, "agent": 20}
_COUNTS = {"control": "control_plane", "agent": "agents"}


@dataclass(frozen=True)
class PlannedMachine:
    """A machine of the cluster, before it is made.

    Args:
        name: its name, such as `control-1`.
        number: its number, such as 1.
        place: its subnet.
        address: its private address in that subnet.
        leaving: whether the next deploy ends its members.
        left: whether it has left, so that the next deploy ends the machine itself.
    """

    name: str
    number: int
    place: Place
    address: str
    leaving: bool = False
    left: bool = False


def control_plane(aws: Aws, places: Sequence[Place]) -> list[PlannedMachine]:
    """The machines of the control plane, including those that leave and those that have left.

    Raises:
        ValueError: an even number of them stays; machines other than the last ones leave, or too many; an address is
            not in its subnet.
    """
    machines = _numbered(aws, "control", aws.control_plane, places)
    staying = [not (machine.leaving or machine.left) for machine in machines]
    if staying != sorted(staying, reverse=True) or (False in staying and sum(staying) < MIN_SHRUNK):
        remedy = f"Let only the last machines of the control plane leave, so that {MIN_SHRUNK} or more stay"
        raise invalid("Aws", "leaving", [*aws.leaving, *aws.left], remedy)
    if sum(staying) % 2 == 0:
        remedy = (
            f"Use an odd number of machines that stay, 1, 3 or 5, not {sum(staying)}: an even number survives no more "
            "losses than one machine less"
        )
        raise invalid("Aws", "control_plane", aws.control_plane, remedy)
    return machines


def agents(aws: Aws, places: Sequence[Place]) -> list[tuple[AwsPool | None, list[PlannedMachine]]]:
    """The machines of the agents, by pool, including those that leave and those that have left.

    Raises:
        ValueError: no machine has a given name; an address is not in its subnet, or two machines have it.
    """
    control = _numbered(aws, "control", aws.control_plane, places)
    kinds: list[tuple[AwsPool | None, list[PlannedMachine]]] = [
        (pool, _numbered(aws, pool.name, pool.agents, places, pool)) for pool in aws.pools
    ]
    kinds.append((None, _numbered(aws, "agent", aws.agents, places)))
    _check_names(aws, [each.name for each in control], [each.name for _, made in kinds for each in made])
    used: dict[str, str] = {}
    for machine in (*control, *(each for _, made in kinds for each in made)):
        if machine.left:
            continue
        if other := used.get(machine.address):
            remedy = f"Use another address, or another first for its pool: {other} has this one"
            raise invalid("Aws", f"addresses[{machine.name!r}]", machine.address, remedy)
        used[machine.address] = machine.name
    return kinds


def batches(
    machines: Sequence[PlannedMachine], size: int, pool: AwsPool | None = None
) -> Iterator[tuple[str, list[PlannedMachine]]]:
    """The batches of agents, with the names of their waves. Only another `size` changes these names."""
    batched: dict[int, list[PlannedMachine]] = {}
    for machine in machines:
        batched.setdefault((machine.number - 1) // size, []).append(machine)
    for index, batch in batched.items():
        first, last = index * size + 1, (index + 1) * size
        prefix = f"{pool.name}-" if pool else ""
        yield prefix + (f"{first:04}" if size == 1 else f"{first:04}-{last:04}"), batch


def with_load_balancer(
    cluster: Cluster, pools: Sequence[tuple[AwsPool | None, list[PlannedMachine]]]
) -> list[PlannedMachine]:
    """The machines with a load balancer. Those that leave come first."""
    known = {each.name: each for _, made in pools for each in made if not each.left}
    public = [each.name for pool, made in pools if pool and pool.public for each in made if not each.left]
    found = machines_of(cluster.load_balancer, known, public)
    leaving = cluster.load_balancer.leaving if cluster.load_balancer else ()
    planned = [replace(each, leaving=each.leaving or name in leaving) for name, each in found.items()]
    return sorted(planned, key=lambda each: not each.leaving)


def _check_names(aws: Aws, control: list[str], agents: list[str]) -> None:
    """Refuse names of machines that do not exist."""
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
                remedy = f"Use names of machines that can be here: {', '.join(close)}"
                raise invalid("Aws", argument, name, remedy)


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
            remedy = (
                f"Use fewer, a larger subnet in {place.zone}, or set {argument}: {name} would have number {host} of "
                f"{network}"
            )
            where, counted = (f"Pool {pool.name}", "agents") if pool else ("Aws", _COUNTS[kind])
            raise invalid(where, counted, count, remedy)
        address = aws.addresses.get(name) or str(network[host])
        check_address("Aws", argument, address, place)
        leaving, left = name in aws.leaving, name in aws.left
        machines.append(PlannedMachine(name, index + 1, place, address, leaving, left))
    return machines
