"""A rule of Route 53 Resolver: every machine and container of the VPC can ask for the names of Mesos-DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import Place
from cdktf_mesos.aws.rules import connect
from cdktf_mesos.domain import is_below
from cdktf_mesos.errors import invalid
from cdktf_mesos.mesos_dns import mesos_dns
from cdktf_mesos.mesos_dns.names import check_domain

# How many addresses an endpoint has, and a rule (Route 53 developer guide, quotas of Route 53 Resolver).
_LEAST, _MOST = 2, 6

# Domains in which AWS has the names of its services and of machines (Amazon VPC user guide, DNS attributes).
_OF_AWS = ("amazonaws.com", "compute.internal", "ec2.internal")


class ResolverRule(Construct):
    """Lets the VPC's own resolver ask Mesos-DNS for the names of its domain, and only for these.

    So machines, and containers on any network, keep the name server that they have. AWS charges by the hour for each
    subnet (Route 53 pricing, Resolver endpoints). The VPC must have DNS support, as a new one has.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: prefix of the names of its resources, up to 50 characters.
        vpc_id: the VPC.
        places: two to six subnets. The resolver sends its questions to Mesos-DNS from these.
        domain: the domain of Mesos-DNS.
        addresses: the addresses of the members of Mesos-DNS, one to six.
        port: their port for DNS; by default 53.
        group_id: the members' security group; it gets rules that admit the resolver.
        tags: tags of all its resources; by default there are none.

    Raises:
        ValueError: text that is not a domain name, or a domain in which AWS has names; too few or too many subnets or
            addresses; the name is too long.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        vpc_id: str,
        places: Sequence[Place],
        domain: str,
        addresses: Sequence[str],
        port: int = mesos_dns.PORT,
        group_id: str,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        check_domain(self, "domain", domain)
        for name_of_aws in _OF_AWS:
            if is_below(name_of_aws, domain):
                remedy = f"Use a domain without {name_of_aws!r} in it: the machines need the names that AWS has there"
                raise invalid(self, "domain", domain, remedy)
        if not _LEAST <= len(places) <= _MOST:
            remedy = f"Give {_LEAST} to {_MOST} subnets: an endpoint of Route 53 Resolver has so many addresses"
            raise invalid(self, "places", [place.id for place in places], remedy)
        if not 1 <= len(addresses) <= _MOST:
            remedy = f"Give the addresses of 1 to {_MOST} members: a rule of Route 53 Resolver has so many"
            raise invalid(self, "addresses", addresses, remedy)
        if len(name) > 50:
            raise invalid(self, "name", name, "Use up to 50 characters: AWS allows 64 for a name")
        self._name, self._tags = name, dict(tags or {})
        group = bindings.SecurityGroup(
            self,
            "group",
            vpc_id=vpc_id,
            name=f"{name}-resolver",
            description=f"{name}: the resolver of the VPC asks Mesos-DNS",
            tags=self._named("resolver"),
        )
        for protocol in ("tcp", "udp"):
            connect(
                self,
                source=group.id,
                target=group_id,
                egress=f"dns-out-{protocol}",
                ingress=f"dns-in-{protocol}",
                first=port,
                protocol=protocol,
                description="The resolver of the VPC to Mesos-DNS",
                tags=self._named,
            )
        endpoint = bindings.Route53ResolverEndpoint(
            self,
            "endpoint",
            name=f"{name}-mesos-dns",
            direction="OUTBOUND",
            security_group_ids=[group.id],
            ip_address=[bindings.Route53ResolverEndpointIpAddress(subnet_id=place.id) for place in places],
            tags=self._named("mesos-dns"),
        )
        rule = bindings.Route53ResolverRule(
            self,
            "rule",
            name=f"{name}-mesos-dns",
            domain_name=domain,
            rule_type="FORWARD",
            resolver_endpoint_id=endpoint.id,
            target_ip=[bindings.Route53ResolverRuleTargetIp(ip=address, port=port) for address in addresses],
            tags=self._named("mesos-dns"),
        )
        bindings.Route53ResolverRuleAssociation(
            self, "association", name=f"{name}-mesos-dns", resolver_rule_id=rule.id, vpc_id=vpc_id
        )

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{suffix}"}
