"""The stack of the platform `local`: one engine, one member of each role, and the agents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import DockerHost, Marathon, Role, TlsMaterial
from cdktf_mesos.cdk import Annotations, TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.roll import OldImages, check_redeploy
from cdktf_mesos.roll.deployed import keeps_state_here, read_members
from cdktf_mesos.states import stacks_with_states
from stacks.apps import add_apps, refuse_dropped_apps
from stacks.local.engine import known_of
from stacks.local.settings import Local
from stacks.public_addresses import warn_of_public_addresses
from stacks.registries import registries
from stacks.roles import Roles
from stacks.settings import Cluster

# Linux's default ports for outgoing connections (Linux kernel docs, ip-sysctl: ip_local_port_range).
EPHEMERAL = (32768, 60999)


class LocalCluster(TerraformStack):
    """A whole cluster on one engine."""

    def __init__(self, scope: Construct, cluster: Cluster, local: Local) -> None:
        super().__init__(scope, cluster.name)
        host = DockerHost(
            self,
            "host",
            address=local.address,
            engine=local.engine,
            hostname=local.hostname,
            ssh_options=local.ssh_options,
            tls=TlsMaterial(local.tls_directory) if local.tls_directory is not None else None,
            data_dir=f"{local.data_dir}/{cluster.name}",
            registries=registries(self, cluster),
            **known_of(local.engine),
        )
        roles = Roles(self, cluster, [host], dns=[host])
        pools = [roles.agents([host], number=number) for number in range(1, local.agents + 1)]
        pools += [roles.agents([host], number=number, pool=pool) for pool in local.pools for number in pool.numbers]
        load_balancer = roles.add_load_balancer([host])
        further: list[Role] = [each for each in (roles.dns, load_balancer) if each]
        further += [exporter for watched in (roles.masters, *pools) for exporter in roles.exporters_of(watched)]
        deployed: list[Role] = [roles.zookeeper, roles.masters, roles.marathon, *further, *pools]
        check_redeploy(deployed, [self], Path.cwd(), allow_bump=cluster.allow_bump)
        if not cluster.allow_bump:
            _refuse_new_principal(roles.marathon, self)
        if local.keep_images is not None:
            name = f"{cluster.name}-old-images"
            OldImages(self, "old-images", host=host, roles=deployed, name=name, keep=local.keep_images)
        warn_of_ports(self, host.claims.offered())
        warn_of_public_addresses(self, [local.address])
        warn_of_another_name(self, Path.cwd())
        roles.add_outputs(self, pools)
        if cluster.apps is None:
            refuse_dropped_apps(cluster, cluster.name)
        else:
            servers = roles.name_servers
            add_apps(self, cluster.apps, roles.marathon, host, pools=pools, name_servers=servers, dns=roles.dns)


def _refuse_new_principal(marathon: Marathon, stack: TerraformStack) -> None:
    """Refuse a principal for a Marathon that runs without one. On this platform no preflight does so.

    Raises:
        ValueError: the state has a Marathon without a principal, and the program gives it one.
    """
    members = read_members(Path.cwd(), stack.node.id) if keeps_state_here(stack) else []
    if any(each.role == marathon.role and marathon.gains_principal(each) for each in members):
        remedy = (
            "Remove it: a Marathon that runs without a principal can get none (MESOS-2842). docs/security-marathon.md "
            "has the way that keeps its tasks; with allow_bump=True the deploy of that way is accepted"
        )
        raise invalid(marathon, "principal", marathon.principal, remedy)


def warn_of_ports(stack: TerraformStack, offered: Sequence[tuple[int, int]]) -> None:
    """Warn of ports that agents offer to tasks and that Linux also uses for outgoing connections.

    On this platform no machine check does so. Agents do not offer other ports instead, because existing agents would
    not start again with them.
    """
    low, high = EPHEMERAL
    taken = [(max(first, low), min(last, high)) for first, last in offered if first <= high and last >= low]
    if not taken:
        return
    ranges = ",".join(f"{first}-{last}" for first, last in sorted(taken))
    Annotations.of(stack).add_warning(
        f"agents offer the ports {ranges} to tasks, and by default Linux uses {low}-{high} for outgoing connections. "
        "So a task may find its port in use. Unless you have done so already, run on the machine: "
        f"sysctl -w net.ipv4.ip_local_reserved_ports={ranges}, and put the same into /etc/sysctl.d"
    )


def warn_of_another_name(stack: TerraformStack, directory: Path) -> None:
    """Warn if a cluster that is not deployed may be one that runs under another name.

    On this platform no machine check finds its ports in use. The states in the directory say what is deployed.
    """
    if read_members(directory, stack.node.id):
        return
    app = stack.node.root
    for other in stacks_with_states(directory):
        if app.node.try_find_child(other) is None and read_members(directory, other):
            Annotations.of(stack).add_warning(
                f"{other} is deployed, and no longer in the program. If it is this cluster under its old name, put "
                f"that name back: as {stack.node.id} the cluster has no data, and its members do not get their ports"
            )
