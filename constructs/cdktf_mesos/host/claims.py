"""The ports and container names that members use on a machine, and the agents on its engine: no two may collide."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from constructs import Construct, IConstruct

from cdktf_mesos.errors import invalid

Key = tuple[str, object]


class Claims:
    """The ports, container names and agents of one machine, and the constructs that use them."""

    def __init__(self) -> None:
        self._holders: dict[Key, Construct] = {}
        self._offers: list[tuple[int, int, str]] = []
        self._balanced: list[tuple[int, int, str]] = []
        self._pools: dict[str, bool] = {}

    def take(self, kind: str, value: object, owner: Construct, argument: str) -> None:
        """Reserve a port or container name for `owner`.

        Raises:
            ValueError: another construct has it, or an agent offers the port to tasks.
        """
        holder = self._holders.get((kind, value))
        if holder is not None:
            remedy = f"Use another {kind}: {holder.node.path} has this one on the same machine"
            raise invalid(owner, argument, value, remedy)
        for first, last, pool in self._offers:
            if kind == "port" and isinstance(value, int) and first <= value <= last:
                remedy = f"Use another port: {pool} offers {first}-{last} to tasks on the same machine"
                raise invalid(owner, argument, value, remedy)
        for first, last, balancer in self._balanced:
            if kind == "port" and isinstance(value, int) and first <= value <= last:
                remedy = (
                    f"Use another port, or Marathon's flags local_port_min and local_port_max: {balancer} listens on "
                    f"service ports {first}-{last} on the same machine"
                )
                raise invalid(owner, argument, value, remedy)
        self._holders[kind, value] = owner

    def offer(self, first: int, last: int, pool: Construct) -> None:
        """Reserve a range of ports that a pool offers to tasks.

        Raises:
            ValueError: a member uses one of the ports, or another pool offers it.
        """
        shown = f"[{first}-{last}]"
        for other_first, other_last, other in self._offers:
            if first <= other_last and other_first <= last:
                remedy = f"Use other ports: {other} offers {other_first}-{other_last} on the same machine"
                raise invalid(pool, "resources['ports']", shown, remedy)
        for (kind, value), holder in self._holders.items():
            if kind == "port" and isinstance(value, int) and first <= value <= last:
                remedy = f"Use other ports: {holder.node.path} listens on {value} on the same machine"
                raise invalid(pool, "resources['ports']", shown, remedy)
        for other_first, other_last, balancer in self._balanced:
            if first <= other_last and other_first <= last:
                remedy = f"Use other ports: {balancer} listens on {other_first}-{other_last} on the same machine"
                raise invalid(pool, "resources['ports']", shown, remedy)
        self._offers.append((first, last, pool.node.path))

    def listen(self, first: int, last: int, balancer: Construct) -> None:
        """Reserve a range of ports that a load balancer may listen on for apps.

        Raises:
            ValueError: another member uses one of the ports, or an agent offers it.
        """
        used = [
            (value, f"{holder.node.path} listens on {value}")
            for (kind, value), holder in self._holders.items()
            if kind == "port" and isinstance(value, int) and first <= value <= last
        ]
        used += [(a, f"{pool} offers {a}-{b} to tasks") for a, b, pool in self._offers if first <= b and a <= last]
        if used:
            remedy = (
                "Use Marathon's flags local_port_min and local_port_max for other service ports: "
                f"{min(used)[1]} on the same machine"
            )
            raise invalid(balancer, "marathon", f"service ports {first}-{last}", remedy)
        self._balanced.append((first, last, balancer.node.path))

    def run_agents(self, pool: Construct, *, shares_engine: bool) -> None:
        """Note that a pool has an agent on the machine.

        Raises:
            ValueError: another pool has one, too, and `shares_engine` is not True for both.
        """
        for other, other_shares in self._pools.items():
            if not (shares_engine and other_shares):
                remedy = f"Use True for this pool and for {other}, which has an agent on the same machine"
                raise invalid(pool, "shares_engine", shares_engine, remedy)
        self._pools[pool.node.path] = shares_engine

    def user_of(self, port: int) -> str | None:
        """Who uses a TCP port, in words; None if nobody does."""
        if holder := self._holders.get(("port", port)):
            return f"{holder.node.path} listens on it"
        offers = (
            f"{pool} offers {first}-{last} to tasks" for first, last, pool in self._offers if first <= port <= last
        )
        return next(offers, None)

    def offered(self) -> list[tuple[int, int]]:
        """The ranges of ports that agents offer to tasks."""
        return [(first, last) for first, last, _ in self._offers]

    def listeners(self) -> list[tuple[str, list[str]]]:
        """The names of the members' containers, each with its ports: `5050` for a TCP port, `53/udp` for a UDP port."""
        names = {owner: str(value) for (kind, value), owner in self._holders.items() if kind == "container name"}
        suffixes = {"port": "", "UDP port": "/udp"}
        ports = [
            (owner, f"{value}{suffixes[kind]}") for (kind, value), owner in self._holders.items() if kind in suffixes
        ]
        return [(name, [port for holder, port in ports if holder == owner]) for owner, name in names.items()]


_of_app: WeakKeyDictionary[IConstruct, dict[str, Claims]] = WeakKeyDictionary()


def claims_on(construct: Construct, machine: str) -> Claims:
    """The claims on a machine, in the app that the construct is part of."""
    return _of_app.setdefault(construct.node.root, {}).setdefault(machine, Claims())
