"""The rule with which the VPC's own resolver asks Mesos-DNS."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_mesos.aws import ResolverRule
from stacks.aws.names import PlannedMachine
from stacks.aws.network import Base
from stacks.aws.settings import Aws
from stacks.settings import Cluster


def add_resolver_rule(cluster: Cluster, aws: Aws, base: Base, machines: Sequence[PlannedMachine]) -> None:
    """Add the rule to the stack of the network, if the settings have it. `machines` are those with Mesos-DNS.

    There is no rule while Mesos-DNS ends on all of them.
    """
    addresses = [each.address for each in machines if not each.leaving]
    if not aws.dns_resolver_rule or cluster.dns is None or not addresses:
        return
    ResolverRule(
        base.network,
        "resolver-rule",
        name=cluster.name,
        vpc_id=base.vpc_id,
        places=base.private,
        domain=cluster.dns.domain,
        addresses=addresses,
        port=cluster.dns.port,
        group_id=base.groups["control"],
        tags=aws.tags,
    )
