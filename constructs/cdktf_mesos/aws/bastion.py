"""The way in by ssh: the one machine of a cluster that is reached from outside."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, collapse_addresses

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.login import Login
from cdktf_mesos.aws.machine import Ec2Machine, MachineOptions
from cdktf_mesos.aws.machine_role import MachineRole
from cdktf_mesos.aws.places import Place
from cdktf_mesos.errors import invalid


class Bastion(Construct):
    """A small machine with a public address, which takes ssh from given addresses only, and passes it on.

    It keeps nothing and runs no engine: another generation of it costs nothing but the time.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: of the machine.
        region: of the AWS provider.
        place: a public subnet.
        address: its private address there.
        security_group_id: of the group that the machines take ssh from.
        key_name: of the key pair whose private key logs in.
        login: who logs in.
        admin_cidrs: from where; there is no default.
        open_to_the_world: whether 0.0.0.0/0 is meant where it is among them; by default not.
        generation: another number makes a new machine; by default 1.
        options: by default a t3.micro without a data volume.

    Raises:
        ValueError: no `admin_cidrs`, one that is no range or there twice, the whole world.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        place: Place,
        address: str,
        security_group_id: str,
        key_name: str,
        login: Login,
        admin_cidrs: Sequence[str],
        open_to_the_world: bool = False,
        generation: int = 1,
        options: MachineOptions | None = None,
    ) -> None:
        super().__init__(scope, id_)
        check_admin_cidrs(self, admin_cidrs, open_to_the_world=open_to_the_world)
        options = options or MachineOptions(instance_type="t3.micro", root_gib=8, data_gib=0)
        for cidr in admin_cidrs:
            bindings.VpcSecurityGroupIngressRule(
                self,
                f"ssh-from-{cidr.replace('/', '-')}",
                security_group_id=security_group_id,
                description="ssh of administrators",
                ip_protocol="tcp",
                from_port=22,
                to_port=22,
                cidr_ipv4=cidr,
                tags={**options.tags, "Name": f"{name}-ssh-from-{cidr}"},
            )
        self._login = login
        self.machine = Ec2Machine(
            self,
            "machine",
            name=name,
            region=region,
            place=place,
            address=address,
            security_group_ids=[security_group_id],
            key_name=key_name,
            role=MachineRole(self, "role", name=name, region=region, tags=options.tags),
            login=login,
            engine=False,
            generation=generation,
            options=options,
        )

    def proxy_command(self, instance_id: str) -> str:
        """The command that leads through it, to any machine that takes ssh from it."""
        return self._login.through(self.machine.reached_at, self.machine.host_key)


def check_admin_cidrs(construct: Construct | str, admin_cidrs: Sequence[str], *, open_to_the_world: bool) -> None:
    """Refuse no addresses at all, what is no range, and the whole world unless that is meant."""
    if isinstance(admin_cidrs, str) or not admin_cidrs:
        right = "the ranges from which administrators come, such as ['198.51.100.7/32']"
        raise invalid(construct, "admin_cidrs", admin_cidrs, right)
    networks = []
    for cidr in admin_cidrs:
        try:
            networks.append(IPv4Network(cidr))
        except ValueError as error:
            raise invalid(construct, "admin_cidrs", cidr, f"a range such as '198.51.100.7/32' ({error})") from None
        if "/" not in cidr or admin_cidrs.count(cidr) > 1:
            raise invalid(construct, "admin_cidrs", cidr, "ranges such as '198.51.100.7/32', each once")
    # Two halves are the world as well.
    if not open_to_the_world and IPv4Network("0.0.0.0/0") in collapse_addresses(networks):
        right = "less than the whole world, or open_to_the_world=True as well"
        raise invalid(construct, "admin_cidrs", list(admin_cidrs), right)
