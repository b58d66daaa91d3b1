"""The names of a cluster, made from the masters' state (Mesos-DNS, records/generator.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import addresses
from .config import Config
from .labels import agent_tail, fragment, label, short_hash
from .release import Release

Json = Mapping[str, Any]


@dataclass
class Records:
    """All names, in lower case and with a dot at the end."""

    a: dict[str, list[str]] = field(default_factory=dict)
    srv: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    tasks: list[Json] = field(default_factory=list)

    def add_a(self, name: str, *found: str) -> None:
        """Add addresses to a name, each once."""
        known = self.a.setdefault(name.lower(), [])
        known += [each for each in found if each not in known]

    def add_srv(self, name: str, target: str, port: int) -> None:
        """Add a port of a target to a name, once."""
        known = self.srv.setdefault(name.lower(), [])
        known += [(target.lower(), port)] if (target.lower(), port) not in known else []


def records_of(state: Json, config: Config, release: Release, masters: Sequence[str], leader: str) -> Records:
    """The records of a state.

    Args:
        state: the leading master's state.
        config: the configuration.
        release: the release of Mesos-DNS.
        masters: `ip:port` of all masters.
        leader: `ip:port` of the leading master.
    """
    found, tail = Records(), f".{config.domain}."
    _masters(found, tail, masters, leader)
    agents: dict[str, str] = {}
    for agent in state.get("slaves", []):
        host, port = addresses.of_pid(agent["pid"])
        agents[agent["id"]] = host
        found.add_a(f"slave{tail}", host)
        found.add_srv(f"_slave._tcp{tail}", f"slave{tail}", port)
    for framework in state.get("frameworks", []):
        _framework(found, tail, framework, config)
        for task in framework.get("tasks", []):
            if task["state"] == "TASK_RUNNING" and task["slave_id"] in agents:
                _task(found, tail, framework, task, agents[task["slave_id"]], config, release)
    return found


def _masters(found: Records, tail: str, masters: Sequence[str], leader: str) -> None:
    host, _, port = leader.partition(":")
    found.add_a(f"leader{tail}", host)
    for protocol in ("tcp", "udp"):
        found.add_srv(f"_leader._{protocol}{tail}", f"leader{tail}", int(port))
    for number, master in enumerate(sorted({*masters, leader})):
        found.add_a(f"master{tail}", master.partition(":")[0])
        found.add_a(f"master{number}{tail}", master.partition(":")[0])


def _framework(found: Records, tail: str, framework: Json, config: Config) -> None:
    name = fragment(framework["name"], rfc952=config.enforcerfc952)
    host, port = addresses.of_pid(framework.get("pid") or "")
    host = host or addresses.resolved(framework.get("hostname", ""))
    if host:
        found.add_a(f"{name}{tail}", host)
        if port:
            found.add_srv(f"_framework._tcp.{name}{tail}", f"{name}{tail}", port)


def _task(found: Records, tail: str, framework: Json, task: Json, agent: str, config: Config, release: Release) -> None:
    discovery, rfc952 = task.get("discovery") or {}, config.enforcerfc952
    said = discovery.get("name") or task["name"]
    # With a name of its own, a task also has that name as it is.
    names = dict.fromkeys([*([said] if discovery else []), label(said, rfc952=rfc952)])
    ips = addresses.of_task(task, agent, config.ipsources)
    ips = ips if release.has_every_address else ips[:1]
    below = f"{fragment(framework['name'], rfc952=rfc952)}"
    instance = f"{short_hash(task['id'])}-{agent_tail(task['slave_id'])}"
    made: list[str] = []
    for name in names:
        canonical = f"{name}-{instance}.{below}"
        for each in (f"{name}.{below}", canonical):
            found.add_a(each + tail, *ips)
            found.add_a(f"{each}.slave{tail}", agent)
            made.append(each + tail)
        for service, target, port in _services(name, below, canonical, task, discovery):
            found.add_srv(service + tail, target + tail, port)
    found.tasks.append(
        {"framework": framework["name"], "name": task["name"], "id": task["id"], "names": made, "ips": ips}
    )


def _services(name: str, below: str, canonical: str, task: Json, discovery: Json) -> Iterator[tuple[str, str, int]]:
    """The SRV names of a task without the domain, each with its target and port."""
    places = [".slave"] if discovery else [".slave", ""]
    for port in ports(task.get("resources", {}).get("ports", "")):
        for protocol in ("tcp", "udp"):
            for place in places:
                yield f"_{name}._{protocol}.{below}{place}", f"{canonical}.slave", port
    for each in discovery.get("ports", {}).get("ports", []):
        for protocol in [each["protocol"]] if each.get("protocol") else ["tcp", "udp"]:
            own = f"_{name}._{label(protocol)}.{below}"
            yield own, canonical, each["number"]
            if each.get("name"):
                yield f"_{label(each['name'])}.{own}", canonical, each["number"]


def ports(text: str) -> Iterator[int]:
    """The ports of a resource, `[31000-31001, 31005-31005]`."""
    for first, last in re.findall(r"(\d+)-(\d+)", text):
        yield from range(int(first), int(last) + 1)
