"""docs/what-is-open.md and the rules in docs/firewall say what the roles say about their ports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cdktf_mesos import (
    AgentExporter,
    Marathon,
    MarathonLb,
    MasterExporter,
    MesosAgentPool,
    MesosDns,
    MesosMasterSet,
    ZookeeperEnsemble,
)
from cdktf_mesos.role.ports import Port, Protocol
from cdktf_mesos.role.role import Role

DOCS = Path(__file__).parents[2] / "docs"
ROLES: tuple[type[Role], ...] = (
    *(ZookeeperEnsemble, MesosMasterSet, MesosAgentPool, Marathon, MesosDns, MarathonLb),
    *(MasterExporter, AgentExporter),
)

Row = tuple[str, str, str, tuple[str, ...]]
Rule = tuple[str, Protocol, int]

# Ports for everyone's requests, which the firewall leaves alone.
FOR_CLIENTS = ("task_ports", "http_port of MarathonLb", "https_port of MarathonLb")
GROUPS = {
    "control": "CONTROL",
    "agents": "AGENTS",
    "load_balancers": "LOAD_BALANCERS",
    "bastion": "OPERATORS",
    "prometheus": "PROMETHEUS",
}
MARATHON_FOR_LOAD_BALANCERS: set[Rule] = {("LOAD_BALANCERS", "tcp", 8080), ("LOAD_BALANCERS", "tcp", 8443)}


def text_of(port: Port) -> str:
    number = f"{port.number}-{port.last}" if port.last else str(port.number)
    return f"{number}, TCP and UDP" if "udp" in port.protocols else number


def rows_of_the_page() -> list[Row]:
    """The rows of the table of ports; an empty first cell stands for the role above."""
    rows, role = [], ""
    lines = (DOCS / "what-is-open.md").read_text().partition("\n## Ports\n")[2].partition("\n## ")[0].splitlines()
    for line in lines:
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) == 5 and re.match("[0-9]", cells[2]):
            role = cells[0] or role
            rows.append((role, cells[1], cells[2], tuple(cells[4].split(", "))))
    return rows


def test_the_table_has_each_port_of_each_role_and_who_must_reach_it() -> None:
    wanted = [
        (role.__name__, port.argument, text_of(port), tuple(port.reached_from))
        for role in ROLES
        for port in role.listens_on
    ]
    assert [*map(sorted_groups, rows_of_the_page())] == [*map(sorted_groups, wanted)]


def sorted_groups(row: Row) -> Row:
    return (*row[:3], tuple(sorted(row[3])))


@pytest.mark.parametrize(("file", "machines"), [("control-plane.nft", "control"), ("agents.nft", "agents")])
def test_the_firewall_admits_whom_the_roles_name_and_drops_all_others(file: str, machines: str) -> None:
    text = (DOCS / "firewall" / file).read_text()
    wanted: set[Rule] = {
        (GROUPS[group], protocol, port.number)
        for role in ROLES
        if role.machines == machines
        for port in role.listens_on
        if not {port.argument, f"{port.argument} of {role.__name__}"} & set(FOR_CLIENTS)
        for group in port.reached_from
        for protocol in port.protocols
    }
    if machines == "control":
        wanted |= MARATHON_FOR_LOAD_BALANCERS
    found = re.findall(r"ip saddr \$(\w+) (tcp|udp) dport \{ ([0-9, ]+) \} accept", text)
    assert {(group, protocol, int(port)) for group, protocol, ports in found for port in ports.split(", ")} == wanted
    dropped = re.findall(r"^ +(tcp|udp) dport \{ ([0-9, ]+) \} drop", text, re.MULTILINE)
    assert {(protocol, int(port)) for protocol, ports in dropped for port in ports.split(", ")} == {
        (protocol, port) for _, protocol, port in wanted
    }


def test_containers_with_a_network_of_their_own_reach_no_port_that_is_for_members_only() -> None:
    text = (DOCS / "firewall" / "agents.nft").read_text()
    (ports,) = re.findall(r"ip daddr \{ \$CONTROL, \$AGENTS \} tcp dport \{ ([0-9, ]+) \} drop", text)
    # Names and apps are for tasks as well.
    for_tasks = {53, 80, 443, 9091, 31000}
    assert {int(port) for port in ports.split(", ")} == {
        port.number for role in ROLES for port in role.listens_on
    } - for_tasks
