"""Checks what an AWS account has after a deploy, with boto3: for the tests of the AWS platform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox import paths
from sandbox.aws import PUBLIC, ZONES
from sandbox.ec2.emulator import Ec2
from sandbox.hosts import Host

# The rules between groups: to, from, first port, last port.
PORTS = {
    *(("control", "control", port, port) for port in (2181, 2888, 3888, 5050, 8080, 15101)),
    *(("control", "agents", port, port) for port in (2181, 5050)),
    *(("control", "bastion", port, port) for port in (22, 2181, 5050, 8080)),
    *(("agents", "control", first, last) for first, last in ((5051, 5051), (31000, 31999))),
    *(("agents", "agents", first, last) for first, last in ((5051, 5051), (31000, 31999))),
    *(("agents", "bastion", port, port) for port in (22, 5051)),
}
OUT = {(group, "0.0.0.0/0", port, port) for group in ("control", "agents", "bastion") for port in (80, 443)}


def check_account(ec2: Ec2, name: str, control: Sequence[Host], agents: Sequence[Host], bastion: Host) -> None:
    """Check that network, rules, machines and volumes are as expected."""
    api = ec2.client("ec2")
    (vpc,) = api.describe_vpcs(Filters=_called(name))["Vpcs"]
    assert vpc["CidrBlock"] == f"{paths.NETWORK}.0/24"
    _check_network(api, ec2.region, name, vpc["VpcId"])
    _check_rules(api, name)
    machines = {f"control-{i}": host for i, host in enumerate(control, start=1)}
    machines |= {f"agent-{i}": host for i, host in enumerate(agents, start=1)}
    found = instances(ec2)
    assert set(found) == {f"{name}-{each}" for each in (*machines, "bastion")}
    for machine, host in {**machines, "bastion": bastion}.items():
        _check_machine(api, found[f"{name}-{machine}"], host, name, role=machine.split("-")[0])


def instances(ec2: Ec2) -> dict[str, dict[str, Any]]:
    """The running instances, by name."""
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    found = ec2.client("ec2").describe_instances(Filters=running)["Reservations"]
    return {_tags(each)["Name"]: each for reservation in found for each in reservation["Instances"]}


def _check_network(api: Any, region: str, name: str, vpc: str) -> None:
    subnets = {_tags(each)["Name"]: each for each in api.describe_subnets(Filters=_in(vpc))["Subnets"]}
    assert {subnet: (each["AvailabilityZone"], each["CidrBlock"]) for subnet, each in subnets.items()} == {
        f"{name}-{kind}-{region}{zone}": (f"{region}{zone}", cidr)
        for kind, ranges in {"private": ZONES, "public": PUBLIC}.items()
        for zone, cidr in ranges.items()
    }
    assert not any(each["MapPublicIpOnLaunch"] for each in subnets.values())
    tables = {_tags(each).get("Name"): each for each in api.describe_route_tables(Filters=_in(vpc))["RouteTables"]}
    gateways = {"private": "NatGatewayId", "public": "GatewayId"}
    for kind, gateway in gateways.items():
        table = tables[f"{name}-{kind}"]
        associated = {each["SubnetId"] for each in table["Associations"] if "SubnetId" in each}
        assert associated == {each["SubnetId"] for subnet, each in subnets.items() if f"-{kind}-" in subnet}
        (way_out,) = (each for each in table["Routes"] if each.get("DestinationCidrBlock") == "0.0.0.0/0")
        assert way_out[gateway]
    assert len(api.describe_nat_gateways(Filters=_in(vpc))["NatGateways"]) == 1
    (endpoint,) = api.describe_vpc_endpoints(Filters=_in(vpc))["VpcEndpoints"]
    assert endpoint["ServiceName"].endswith(".s3")


def _check_rules(api: Any, name: str) -> None:
    groups = {each["GroupId"]: each["GroupName"] for each in api.describe_security_groups()["SecurityGroups"]}
    roles = {group: full.removeprefix(f"{name}-") for group, full in groups.items() if full.startswith(f"{name}-")}
    rules = {True: set(), False: set()}  # type: dict[bool, set[tuple[str, str, int, int]]]
    for rule in api.describe_security_group_rules()["SecurityGroupRules"]:
        if rule["GroupId"] in roles:
            assert rule["IpProtocol"] == "tcp"
            other = roles.get(rule.get("ReferencedGroupInfo", {}).get("GroupId"), rule.get("CidrIpv4"))
            ports = (rule["FromPort"], rule["ToPort"])
            rules[rule["IsEgress"]].add((roles[rule["GroupId"]], str(other), *ports))
    assert rules[False] == PORTS | {("bastion", f"{paths.BRIDGE_ADDRESS}/32", 22, 22)}
    assert rules[True] == OUT | {(source, to, first, last) for to, source, first, last in PORTS}


def _check_machine(api: Any, instance: dict[str, Any], host: Host, name: str, *, role: str) -> None:
    group = {"agent": "agents"}.get(role, role)
    assert instance["PrivateIpAddress"] == host.address
    (interface,) = instance["NetworkInterfaces"]
    assert [each["GroupName"] for each in interface["Groups"]] == [f"{name}-{group}"]
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert {"Cluster": name, "ManagedBy": "cdktf-mesos"}.items() <= _tags(instance).items()
    attached = {each["DeviceName"]: each["Ebs"]["VolumeId"] for each in instance["BlockDeviceMappings"]}
    volumes = {each["VolumeId"]: each for each in api.describe_volumes(VolumeIds=[*attached.values()])["Volumes"]}
    assert all(volume["Encrypted"] for volume in volumes.values())
    sizes = {"control": [30, 50], "agent": [30, 100], "bastion": [8]}
    assert sorted(volume["Size"] for volume in volumes.values()) == sizes[role]
    # Only the bastion has a public address.
    public = api.describe_addresses(Filters=[{"Name": "private-ip-address", "Values": [host.address]}])["Addresses"]
    assert len(public) == (role == "bastion")


def _called(name: str) -> list[dict[str, Any]]:
    return [{"Name": "tag:Name", "Values": [name]}]


def _in(vpc: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc]}]


def _tags(each: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
