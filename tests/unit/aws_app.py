"""Clusters on AWS for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cdktf_mesos.aws import Place
from cdktf_mesos.cdk import App, TerraformStack
from stacks import Aws, AwsPool, Cluster, DnsSettings, MonitoringSettings, add_cluster

ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJlZm9yZSB0aGUgYmVnaW5uaW5nIHdhcyB0aGUgZW5k ops"
ADMINS = ["198.51.100.7/32"]
EXISTING: dict[str, Any] = {
    "vpc_id": "vpc-0a1",
    "private_subnets": [Place(f"subnet-0{zone[-1]}1", zone, f"10.1.{i}.0/24") for i, zone in enumerate(ZONES)],
    "public_subnets": [Place("subnet-0a2", ZONES[0], "10.1.9.0/28")],
}


def cluster(
    name: str = "prod",
    agent_batch: int = 1,
    pools: Sequence[AwsPool] = (),
    dns: DnsSettings | None = None,
    monitoring: MonitoringSettings | None = None,
    **aws: Any,
) -> Cluster:
    """A cluster with a control plane of three and two agents in three zones, and with the given settings."""
    way_in = {} if aws.get("session_manager") else {"admin_cidrs": ADMINS}
    settings = {"region": "eu-central-1", "zones": ZONES, "ssh_public_key": KEY, **way_in, **aws}
    platform = Aws(**{**settings, "agent_batch": agent_batch, "pools": [*pools]})
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    return Cluster(name=name, platform=platform, dns=dns, monitoring=monitoring, **pins)


def others() -> tuple[Cluster, Cluster]:
    """Two clusters in one existing VPC: `blue` has a bastion, `green` the Session Manager and most options."""
    green = cluster(
        "green",
        2,
        **{name: value for name, value in EXISTING.items() if name != "public_subnets"},
        session_manager=True,
        ami="ami-0b1",
        addresses={f"control-{i}": f"10.1.{i - 1}.110" for i in (1, 2, 3)}
        | {f"agent-{i}": f"10.1.{i - 1}.120" for i in (1, 2)},
        kms_key_arn="arn:aws:kms:eu-central-1:111122223333:key/1",
        agent_spot=True,
        state_bucket="states",
        tags={"Team": "Data"},
    )
    return cluster("blue", **EXISTING), green


def stacks(directory: Path, what: Cluster) -> dict[str, list[str]]:
    """The stacks of a cluster, each with the stacks that it depends on. Faster than a synthesis."""
    app = App(outdir=str(directory))
    add_cluster(app, what)
    found = [child for child in app.node.children if isinstance(child, TerraformStack)]
    return {stack.node.id: [each.node.id for each in stack.dependencies] for stack in found}
