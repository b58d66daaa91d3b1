from __future__ import annotations

import re
from typing import Any

import pytest

from cdktf_mesos import MarathonLb, MesosDns
from cdktf_mesos.aws import ClusterSecurity, Ports
from cdktf_mesos.cdk import TerraformStack
from tests.unit.aws_app import ADMINS
from tests.unit.conftest import Synth
from tests.unit.synthesised import Document, Synthesised, resources

TABLE = {
    ("control", "control"): {2181, 2888, 3888, 5050, 8080, 15101},
    ("control", "agents"): {2181, 5050},
    ("agents", "control"): {5051, (31000, 31999)},
    ("agents", "agents"): {5051, (31000, 31999)},
    ("control", "bastion"): {22, 2181, 5050, 8080},
    ("agents", "bastion"): {22, 5051},
}
OUT = {(role, "0.0.0.0/0"): {80, 443} for role in ("control", "agents", "bastion")}

Table = dict[tuple[str, str], set[Any]]


def table(rules: list[Document], *, inbound: bool) -> Table:
    """The ports of rules, by the groups that listen and connect."""
    found: Table = {}
    for rule in rules:
        assert rule["ip_protocol"] == "tcp"
        groups = [rule["security_group_id"], rule.get("referenced_security_group_id", rule.get("cidr_ipv4"))]
        mine, other = (match[1] if (match := re.search("security_([a-z]+)_", each)) else each for each in groups)
        first, last = rule["from_port"], rule["to_port"]
        key = (mine, other) if inbound or "cidr_ipv4" in rule else (other, mine)
        found.setdefault(key, set()).add(first if first == last else (first, last))
    return found


def both(document: Document) -> tuple[Table, Table]:
    rules = {
        way: [body for kind, _, body in resources(document) if kind == f"aws_vpc_security_group_{way}_rule"]
        for way in ("ingress", "egress")
    }
    return table(rules["ingress"], inbound=True), table(rules["egress"], inbound=False)


@pytest.mark.parametrize("name", ["prod", "blue"])
def test_only_the_ports_that_members_need_are_open_in_both_directions(
    aws_default: Synthesised, aws_others: Synthesised, name: str
) -> None:
    documents = {**aws_default.documents, **aws_others.documents}
    inbound, outbound = both(documents[f"{name}-0-network"])
    assert inbound == TABLE
    assert outbound == {**TABLE, **OUT}


def test_a_role_may_listen_with_udp_too(aws_stack: TerraformStack, synth: Synth) -> None:
    ClusterSecurity(aws_stack, "security", name="prod", vpc_id="vpc-1", ports=MesosDns.reached(port=5353))
    rules = [
        (each["ip_protocol"], each["from_port"], each["tags"]["Name"])
        for kind, _, each in resources(synth())
        if kind == "aws_vpc_security_group_ingress_rule"
        and each["from_port"] == 5353
        and "from-agents" in each["tags"]["Name"]
    ]
    assert sorted(rules) == [
        ("tcp", 5353, "prod-control-5353-from-agents"),
        ("udp", 5353, "prod-control-5353-from-agents-udp"),
    ]


def test_without_a_bastion_only_members_can_connect(aws_others: Synthesised) -> None:
    inbound, outbound = both(aws_others.documents["green-0-network"])
    members = {key: ports for key, ports in TABLE.items() if "bastion" not in key}
    assert inbound == members
    assert outbound == {**members, **{key: ports for key, ports in OUT.items() if "bastion" not in key}}


def test_from_outside_only_administrators_connect_and_only_to_ssh_of_the_bastion(
    aws_default: Synthesised,
) -> None:
    rules = aws_default.of("aws_vpc_security_group_ingress_rule")
    outside = [
        each for each in rules.values() if "cidr_ipv4" in each or "cidr_ipv6" in each or "prefix_list_id" in each
    ]
    assert [(each["cidr_ipv4"], each["from_port"], each["to_port"]) for each in outside] == [(ADMINS[0], 22, 22)]
    assert "aws_security_groupsecurity_bastion" in outside[0]["security_group_id"]
    # Rules within a group's own block would be others.
    assert not any({"ingress", "egress"} & set(each) for each in aws_default.of("aws_security_group").values())


def test_the_ports_that_are_open_are_those_that_the_members_use(aws_default: Synthesised) -> None:
    containers = [each for stack, _, kind, each in aws_default.resources() if kind == "docker_container"]
    used = " ".join(str(word) for each in containers for word in (*each.get("env", []), *(each.get("command") or [])))
    for pattern, port in {
        r"server\.1=[0-9.]+:(2888):3888;[0-9.]+:2181 ": 2888,
        r"MESOS_PORT=(505[01])": 5050,
        "--http_port (8080)": 8080,
        "LIBPROCESS_PORT=(15101)": 15101,
        r"ports:\[(31000)-31999\]": 31000,
    }.items():
        assert str(port) in re.findall(pattern, used), pattern


def test_further_ports_are_open_in_both_directions(aws_stack: TerraformStack, synth: Synth) -> None:
    more = (Ports("agents", "bastion", 9000, 9010, "A framework"),)
    ClusterSecurity(aws_stack, "security", name="prod", vpc_id="vpc-1", more_ports=more, outside_cidr="10.0.0.0/8")
    inbound, outbound = both(synth())
    assert (9000, 9010) in inbound["agents", "bastion"] and (9000, 9010) in outbound["agents", "bastion"]
    assert outbound["agents", "10.0.0.0/8"] == {80, 443} and ("agents", "0.0.0.0/0") not in outbound


def test_what_is_open_to_load_balancers_is_open_to_all_agents_if_nobody_says_where_they_are(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    ClusterSecurity(aws_stack, "security", name="prod", vpc_id="vpc-1", ports=MarathonLb.reached())
    inbound, outbound = both(synth())
    assert 9090 in inbound["agents", "agents"] and 9090 in outbound["agents", "agents"]


def test_a_server_that_scrapes_may_be_on_the_machine_of_a_load_balancer(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    ports = [Ports("control", source, 8080, 8080, "Marathon") for source in ("load_balancers", "prometheus")]
    here, elsewhere = "10.20.0.20/32", "10.20.0.30/32"
    ClusterSecurity(
        aws_stack,
        "security",
        name="prod",
        vpc_id="vpc-1",
        ports=ports,
        load_balancers=[here.removesuffix("/32")],
        prometheus_cidrs=[here, elsewhere],
    )
    rules = synth()["resource"]["aws_vpc_security_group_ingress_rule"].values()
    assert sorted(each["cidr_ipv4"] for each in rules if each["from_port"] == 8080) == [here, elsewhere]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"name": "sg-prod"}, "stack/security: name is invalid: 'sg-prod'. Use up to 240 .* not beginning with 'sg-'"),
        ({"name": "n" * 241}, "stack/security: name is invalid: 'n+'. Use up to 240"),
        ({"more_ports": (Ports("control", "agents", 5050, 5050, "x"),)}, "more_ports is invalid: .*. Remove it"),
        (
            {
                "ports": (Ports("control", "load_balancers", 8080, 8080, "x"),),
                "load_balancers": ["10.20.0.20"],
                "more_ports": (Ports("control", "agents", 8080, 8080, "x"),),
            },
            "more_ports is invalid: .*. Remove it",
        ),
    ],
)
def test_invalid_groups_are_refused(stack: TerraformStack, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClusterSecurity(stack, "security", **{"name": "prod", "vpc_id": "vpc-1", **more})
