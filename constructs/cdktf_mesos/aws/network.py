"""The network of a cluster in its own VPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Literal

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import (
    SMALLEST,
    Place,
    check_disjoint,
    check_range,
    check_region,
    check_zones,
)
from cdktf_mesos.cdk import Postcondition, TerraformResourceLifecycle
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import literal, quoted

Nat = Literal["one", "per-zone", "none"]

# How many bits longer the prefix of a subnet is than that of the VPC. In a /16, a private subnet has 4,096 addresses
# and a public one 256.
_PRIVATE_BITS, _PUBLIC_BITS = 4, 8


class Network(Construct):
    """A VPC with a private and a public subnet in each zone. Machines in it do not get public addresses automatically.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: prefix of the names of its resources.
        region: the region of the AWS provider in the stack.
        zones: its availability zones; machines are spread over them in this order.
        cidr: the address range of the VPC; by default 10.20.0.0/16.
        private_cidrs: a range for each zone, for the cluster's machines; by default the first sixteenths of `cidr`.
        public_cidrs: a range for each zone, for the bastion and NAT; by default the last 256ths of `cidr`, beginning at
            its end. Default ranges are never smaller than AWS allows (/28).
        nat: how the private subnets reach packages and images outside. With `one`, the default, there is one NAT
            gateway for all. With `per-zone` there is one in each zone: if a zone is lost, the others keep theirs. With
            `none`, the machines need another route to a mirror of Debian and a registry.
        endpoints: AWS services that the private subnets reach without NAT, such as `ssm`; by default there are none. S3
            always has a gateway endpoint, which costs nothing.
        tags: tags of all its resources; by default there are none.

    Raises:
        ValueError: a region or zone is unknown; ranges overlap, are not within that of the VPC, or are too small; the
            number of ranges is not the number of zones.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        zones: Sequence[str],
        cidr: str = "10.20.0.0/16",
        private_cidrs: Sequence[str] = (),
        public_cidrs: Sequence[str] = (),
        nat: Nat = "one",
        endpoints: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._name, self._tags = name, dict(tags or {})
        check_region(self, region)
        check_zones(self, zones, region)
        whole = check_range(self, "cidr", cidr)
        private = _ranges(self, "private_cidrs", private_cidrs, zones, _parts(self, whole, zones, _PRIVATE_BITS))
        last_first = _parts(self, whole, zones, _PUBLIC_BITS, from_end=True)
        public = _ranges(self, "public_cidrs", public_cidrs, zones, last_first)
        for argument, networks in {"private_cidrs": private, "public_cidrs": public}.items():
            for network in networks:
                if not network.subnet_of(whole):
                    raise invalid(self, argument, str(network), f"Use a range within cidr ({whole})")
        named = {f"private_cidrs[{i}]": each for i, each in enumerate(private)}
        named |= {f"public_cidrs[{i}]": each for i, each in enumerate(public)}
        check_disjoint(self, named)
        if nat not in ("one", "per-zone", "none"):
            raise invalid(self, "nat", nat, "Use 'one', 'per-zone' or 'none'")

        self.vpc = bindings.Vpc(
            self,
            "vpc",
            cidr_block=cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named(""),
            depends_on=[zones_exist(self, zones)],
        )
        self.vpc_id = self.vpc.id
        # Every VPC has a default group, whose members may reach each other. Without rules it admits nothing.
        bindings.DefaultSecurityGroup(self, "default-security-group", vpc_id=self.vpc_id, tags=self._named("-default"))
        self.public = self._subnets("public", zones, public)
        self.private = self._subnets("private", zones, private)
        self._route_public()
        tables = self._route_private(nat)
        bindings.VpcEndpoint(
            self,
            "s3",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=self._named("-s3"),
        )
        if endpoints:
            self._interface_endpoints(region, endpoints)

    def _subnets(self, kind: str, zones: Sequence[str], networks: Sequence[IPv4Network]) -> list[Place]:
        places = []
        for zone, network in zip(zones, networks, strict=True):
            subnet = bindings.Subnet(
                self,
                f"{kind}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=str(network),
                map_public_ip_on_launch=False,
                tags=self._named(f"-{kind}-{zone}"),
            )
            places.append(Place(subnet.id, zone, str(network)))
        return places

    def _route_public(self) -> None:
        gateway = bindings.InternetGateway(self, "internet", vpc_id=self.vpc_id, tags=self._named(""))
        table = self._table("public", self.public)
        bindings.Route(
            self, "public-out", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id
        )

    def _route_private(self, nat: Nat) -> list[bindings.RouteTable]:
        """Make the route tables: one for each NAT gateway, so that the others still work if a zone is lost."""
        if nat != "per-zone":
            tables = {"private": self._table("private", self.private)}
        else:
            tables = {f"private-{place.zone}": self._table(f"private-{place.zone}", [place]) for place in self.private}
        for (name, table), place in zip(tables.items(), self.public, strict=False):
            if nat == "none":
                break
            address = bindings.Eip(self, f"{name}-nat-address", domain="vpc", tags=self._named(f"-{name}-nat"))
            gateway = bindings.NatGateway(
                self,
                f"{name}-nat",
                allocation_id=address.id,
                subnet_id=place.id,
                tags=self._named(f"-{name}"),
                depends_on=[self.node.find_child("public-out")],  # type: ignore[list-item]
            )
            bindings.Route(
                self,
                f"{name}-out",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.id,
            )
        return list(tables.values())

    def _table(self, name: str, places: Sequence[Place]) -> bindings.RouteTable:
        table = bindings.RouteTable(self, f"{name}-routes", vpc_id=self.vpc_id, tags=self._named(f"-{name}"))
        for place in places:
            bindings.RouteTableAssociation(
                self, f"{name}-routes-{place.zone}", route_table_id=table.id, subnet_id=place.id
            )
        return table

    def _interface_endpoints(self, region: str, endpoints: Sequence[str]) -> None:
        group = bindings.SecurityGroup(
            self,
            "endpoints",
            vpc_id=self.vpc_id,
            name=f"{self._name}-endpoints",
            description="Endpoints of AWS services, for the private subnets.",
            tags=self._named("-endpoints"),
        )
        for place in self.private:
            bindings.VpcSecurityGroupIngressRule(
                self,
                f"endpoints-from-{place.zone}",
                security_group_id=group.id,
                description=f"HTTPS from the machines in {place.zone}",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=place.cidr,
                tags=self._named(f"-endpoints-from-{place.zone}"),
            )
        for service in endpoints:
            bindings.VpcEndpoint(
                self,
                f"endpoint-{service}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[place.id for place in self.private],
                security_group_ids=[group.id],
                tags=self._named(f"-{service}"),
            )

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}{suffix}"}


def zones_exist(scope: Construct, zones: Sequence[str]) -> bindings.DataAwsAvailabilityZones:
    """The zones of the region. A plan fails if one of `zones` is not among them."""
    found = Postcondition(
        condition=f"${{length(setsubtract([{', '.join(map(quoted, zones))}], self.names)) == 0}}",
        error_message=literal(f"{scope.node.path}: zones is invalid: {list(zones)}. Use some of ")
        + '${join(", ", self.names)}',
    )
    return bindings.DataAwsAvailabilityZones(
        scope, "available-zones", state="available", lifecycle=TerraformResourceLifecycle(postcondition=[found])
    )


def _ranges(
    network: Construct, argument: str, given: Sequence[str], zones: Sequence[str], default: list[IPv4Network]
) -> list[IPv4Network]:
    if not given:
        return default
    if isinstance(given, str) or len(given) != len(zones):
        raise invalid(network, argument, given, f"Give a range for each of the {len(zones)} zones")
    return [check_range(network, argument, each) for each in given]


def _parts(
    network: Construct, whole: IPv4Network, zones: Sequence[str], bits: int, *, from_end: bool = False
) -> list[IPv4Network]:
    prefix = min(whole.prefixlen + bits, SMALLEST)
    count = 1 << (prefix - whole.prefixlen)
    if count < len(zones):
        remedy = f"Use a larger range: this one has no room for a subnet in each of {len(zones)} zones"
        raise invalid(network, "cidr", str(whole), remedy)
    size = whole.num_addresses // count
    # Another zone does not change the ranges of those before it.
    numbers = (count - 1 - zone if from_end else zone for zone in range(len(zones)))
    return [IPv4Network((int(whole.network_address) + number * size, prefix)) for number in numbers]
