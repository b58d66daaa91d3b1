"""An internal load balancer: one address for Marathon and the masters, for clients inside the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import Place
from cdktf_mesos.aws.rules import admit_clients, check_clients, connect
from cdktf_mesos.cdk import TerraformResourceLifecycle
from cdktf_mesos.errors import invalid
from cdktf_mesos.marathon import marathon
from cdktf_mesos.marathon.https import HTTPS_PORT, HttpsStage
from cdktf_mesos.mesos import masters
from cdktf_mesos.tls.tls import Stage

# The paths of the health checks; they answer 200 while a member serves (Mesos and Marathon docs, HTTP API).
_PATHS = {"marathon": "/ping", "marathon-https": "/ping", "masters": "/health"}

# The protocol of the masters' health check, by the stage of their TLS. The balancer is deployed before the masters, on
# the way forth and on the way back. So at `used`, some masters may still have the stage before or after it. All of
# these accept TCP connections.
_OF_MASTERS: dict[str | None, str] = {None: "HTTP", "used": "TCP", "required": "HTTPS"}


class InternalLoadBalancer(Construct):
    """A network load balancer in the private subnets, on the ports of Marathon and of the masters.

    Each Marathon forwards requests to the leading one. A master that is not the leader redirects clients to the
    leader's own address, which they must be able to reach, too. The balancer passes connections through: they are
    encrypted if the members do it, and clients see the members' certificates, which are not for the balancer's name.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: prefix of the names of its resources, up to 20 characters, because AWS allows 32 for the whole name.
        vpc_id: the VPC of the members.
        places: private subnets, each in a different zone.
        addresses: the addresses of the members.
        group_id: the members' security group; it gets rules that admit the balancer.
        client_cidrs: the address ranges of the clients; must be given.
        marathon_port: the port of Marathon; by default 8080.
        masters_port: the port of the masters; by default 5050.
        marathon_https: the stage of Marathon's https, `used` or `required`. At `required` the balancer no longer
            listens on `marathon_port`. By default Marathon has no https.
        marathon_https_port: the port of Marathon's https; by default 8443.
        masters_tls: the stage of the masters' TLS, `used` or `required`; by default they have none.
        marathon_has_password: whether Marathon answers nothing without a password (`http_credentials`). Then the answer
            401 counts as healthy, too: the instance is up, which is all that `/ping` says. By default False.
        tags: tags of all its resources; by default there are none.

    Raises:
        ValueError: there are no client ranges, a range is malformed, or the name is too long.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        vpc_id: str,
        places: Sequence[Place],
        addresses: Sequence[str],
        group_id: str,
        client_cidrs: Sequence[str],
        marathon_port: int = marathon.PORT,
        masters_port: int = masters.PORT,
        marathon_https: HttpsStage | None = None,
        marathon_https_port: int = HTTPS_PORT,
        masters_tls: Stage | None = None,
        marathon_has_password: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        remedy = "Give the address ranges of the clients, such as ['10.20.0.0/16']"
        check_clients(self, client_cidrs, largest=8, remedy=remedy)
        if len(name) > 20:
            raise invalid(self, "name", name, "Use up to 20 characters")
        self._name, self._tags = name, dict(tags or {})
        self._statuses = "200,401" if marathon_has_password else None
        self._protocols = {"marathon": "HTTP", "marathon-https": "HTTPS", "masters": _OF_MASTERS[masters_tls]}
        ports = {"marathon": marathon_port, "masters": masters_port}
        if marathon_https is not None:
            ports["marathon-https"] = marathon_https_port
        if marathon_https == "required":
            del ports["marathon"]
        group = bindings.SecurityGroup(
            self,
            "group",
            vpc_id=vpc_id,
            name=f"{name}-balancer",
            description=f"{name}: the internal load balancer",
            tags=self._named("balancer"),
        )
        balancer = bindings.Lb(
            self,
            "balancer",
            name=f"{name}-internal",
            internal=True,
            load_balancer_type="network",
            subnets=[place.id for place in places],
            security_groups=[group.id],
            enable_cross_zone_load_balancing=True,
            tags=self._named("internal"),
        )
        self.dns_name = balancer.dns_name
        for role, port in ports.items():
            admit_clients(
                self,
                client_cidrs,
                group=group.id,
                port=port,
                prefix=role,
                description=f"Clients of {role}",
                tags=self._named,
            )
            connect(
                self,
                source=group.id,
                target=group_id,
                egress=f"{role}-out",
                ingress=f"{role}-in",
                first=port,
                description=f"The internal load balancer to {role}",
                tags=self._named,
            )
            self._listen(role, port, vpc_id, balancer.arn, addresses)

    def _listen(self, role: str, port: int, vpc_id: str, balancer: str, addresses: Sequence[str]) -> None:
        protocol = self._protocols[role]
        asks = protocol != "TCP"
        group = bindings.LbTargetGroup(
            self,
            role,
            # AWS allows 32 characters.
            name=f"{self._name}-{role.removeprefix('marathon-')}",
            vpc_id=vpc_id,
            protocol="TCP",
            port=port,
            target_type="ip",
            health_check=bindings.LbTargetGroupHealthCheck(
                protocol=protocol,
                path=_PATHS[role] if asks else None,
                interval=10,
                timeout=5,
                matcher=self._statuses if role != "masters" else None,
            ),
            tags=self._named(role),
        )
        targets = [
            bindings.LbTargetGroupAttachment(
                self, f"{role}-{address}", target_group_arn=group.arn, target_id=address, port=port
            )
            for address in addresses
        ]
        bindings.LbListener(
            self,
            f"{role}-listener",
            load_balancer_arn=balancer,
            protocol="TCP",
            port=port,
            default_action=[bindings.LbListenerDefaultAction(type="forward", target_group_arn=group.arn)],
            depends_on=targets,
            # Another port needs another target group. It has the same name, so the old one is removed first, and AWS
            # allows that only without the listener. Clients lose nothing by it: the listener's own port changes, too.
            lifecycle=TerraformResourceLifecycle(
                replace_triggered_by=[f"{group.terraform_resource_type}.{group.friendly_unique_id}.id"]
            ),
            tags=self._named(f"{role}-listener"),
        )

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{suffix}"}
