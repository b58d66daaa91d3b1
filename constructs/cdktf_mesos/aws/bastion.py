"""The bastion: the only machine of a cluster that can be reached from outside, by ssh."""

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
    """A small machine with a public address. It accepts ssh only from given addresses, and forwards it to the others.

    It stores no data and runs no engine, so it can be replaced at any time.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: the machine's name.
        region: the region of the AWS provider.
        place: a public subnet.
        address: the machine's private address in that subnet.
        security_group_id: the security group from which the machines accept ssh.
        key_name: the key pair whose private key logs in.
        login: the user that logs in, and the options of ssh.
        admin_cidrs: the address ranges from which administrators connect; must be given.
        open_to_the_world: whether `admin_cidrs` may include 0.0.0.0/0; by default False.
        generation: another number makes a new machine; by default 1.
        options: the machine's options; by default a t3.micro without a data volume.

    Raises:
        ValueError: `admin_cidrs` is empty, has something that is not a range, has a range twice, or is the whole world.
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
        """The ProxyCommand of ssh that leads through the bastion to any machine that accepts ssh from it."""
        return self._login.through(self.machine.reached_at, self.machine.host_key)


def check_admin_cidrs(construct: Construct | str, admin_cidrs: Sequence[str], *, open_to_the_world: bool) -> None:
    """Refuse an empty list, a malformed range, and the whole world unless `open_to_the_world` is True."""
    if isinstance(admin_cidrs, str) or not admin_cidrs:
        remedy = "Give the ranges from which administrators connect, such as ['198.51.100.7/32']"
        raise invalid(construct, "admin_cidrs", admin_cidrs, remedy)
    networks = []
    for cidr in admin_cidrs:
        try:
            networks.append(IPv4Network(cidr))
        except ValueError as error:
            remedy = f"Use a range such as '198.51.100.7/32' ({error})"
            raise invalid(construct, "admin_cidrs", cidr, remedy) from None
        if "/" not in cidr or admin_cidrs.count(cidr) > 1:
            raise invalid(construct, "admin_cidrs", cidr, "Use ranges such as '198.51.100.7/32', each once")
    # Two halves of the world are the whole world, too.
    if not open_to_the_world and IPv4Network("0.0.0.0/0") in collapse_addresses(networks):
        remedy = "Use less than the whole world, or set open_to_the_world=True"
        raise invalid(construct, "admin_cidrs", list(admin_cidrs), remedy)
