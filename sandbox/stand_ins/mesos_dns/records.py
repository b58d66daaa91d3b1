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
    """All names, with a dot at the end. A name with capitals cannot be asked for: questions are put in lower case."""

    a: dict[str, list[str]] = field(default_factory=dict)
    srv: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    tasks: list[Json] = field(default_factory=list)

    def add_a(self, name: str, *found: str) -> None:
        """Add addresses to a name, each once."""
        for each in found:
            if each not in self.a.setdefault(name, []):
                self.a[name].append(each)

    def add_srv(self, name: str, target: str, port: int) -> None:
        """Add a port of a target to a name, once."""
        known = self.srv.setdefault(name, [])
        known += [(target, port)] if (target, port) not in known else []


def records_of(state: Json, config: Config, release: Release, masters: Sequence[str]) -> Records:
    """The records of a state.

    Args:
        state: the leading master's state.
        config: the configuration.
        release: the release of Mesos-DNS.
        masters: `ip:port` of all masters, the leading one first.
    """
    found, tail = Records(), f".{config.domain}."
    server = config.soamname if release.names_its_server else config.soarname
    found.add_a(f"{server.rstrip('.')}.", config.listener)
    _masters(found, tail, masters, state["leader"].partition("@")[2])
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
    # Two masters at one address have one name.
    listed = dict.fromkeys(master.partition(":")[0] for master in masters)
    for number, address in enumerate(listed if host in listed else [*listed, host]):
        found.add_a(f"master{tail}", address)
        found.add_a(f"master{number}{tail}", address)


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
    said = discovery.get("name")
    # With a name of its own, a task also has that name as it is.
    names = dict.fromkeys([said, label(said, rfc952=rfc952)] if said else [label(task["name"], rfc952=rfc952)])
    ips = addresses.of_task(task, agent, config.ipsources)
    ips = ips if release.has_every_address else ips[:1]
    below = fragment(framework["name"], rfc952=rfc952)
    instance = f"{short_hash(task['id'])}-{agent_tail(task['slave_id'])}"
    made: list[tuple[str, str, str]] = []
    for name in names:
        canonical = f"{name}-{instance}.{below}"
        for each in (f"{name}.{below}", canonical):
            found.add_a(each + tail, *ips)
            found.add_a(f"{each}.slave{tail}", agent)
            made += [(each + tail, ip, "A") for ip in ips] + [(f"{each}.slave{tail}", agent, "A")]
        for service, target, port in _services(name, below, canonical, task, discovery if said else {}, release):
            found.add_srv(service + tail, target + tail, port)
            made.append((service + tail, f"{target}{tail}:{port}", "SRV"))
    found.tasks.append({"framework": framework["name"], "name": task["name"], "id": task["id"], "made": made})


def _services(
    name: str, below: str, canonical: str, task: Json, discovery: Json, release: Release
) -> Iterator[tuple[str, str, int]]:
    """The SRV names of a task without the domain, each with its target and port."""
    places = [".slave"] if discovery else [".slave", ""]
    for port in ports(task.get("resources", {}).get("ports", "")):
        for protocol in ("tcp", "udp"):
            for place in places:
                yield f"_{name}._{protocol}.{below}{place}", f"{canonical}.slave", port
    for each in discovery.get("ports", {}).get("ports", []):
        own = label(each.get("protocol", ""))
        for protocol in [own] if own else ["tcp", "udp"]:
            for place in ["", ".slave"] if release.has_services_of_agents else [""]:
                service = f"_{name}._{protocol}.{below}{place}"
                yield service, canonical + place, each["number"]
                if port_name := label(each.get("name", "")):
                    yield f"_{port_name}.{service}", canonical + place, each["number"]


def ports(text: str) -> Iterator[int]:
    """The ports of a resource, `[31000-31001, 31005-31005]`."""
    for first, last in re.findall(r"(\d+)-(\d+)", text):
        yield from range(int(first), int(last) + 1)
