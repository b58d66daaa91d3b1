"""The network load balancer in front of the load balancers for Marathon's apps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import Place
from cdktf_mesos.aws.rules import admit_clients, check_clients, connect
from cdktf_mesos.cdk import TerraformResourceLifecycle
from cdktf_mesos.errors import invalid
from cdktf_mesos.load_balancer import health, marathon_lb
from cdktf_mesos.mesos.agent import pool

# A target that does not answer is left out after two checks.
_INTERVAL_SECONDS, _TIMEOUT_SECONDS, _FAILURES = 5, 2, 2

# How long connections to a member that drains are kept. `drain_seconds` and `finish_seconds` end them long before.
_KEEP_SECONDS = 3600

# Ports on the machines of agents that clients must never reach: who does is root there, or reads haproxy's passwords.
_CLOSED = (pool.PORT, health.STATS_PORT)

NOTICES_SECONDS = _FAILURES * _INTERVAL_SECONDS + _TIMEOUT_SECONDS
"""How long it may send requests to a member that no longer answers health checks; `drain_seconds` must be as long."""


class AppLoadBalancer(Construct):
    """A network load balancer on the ports 80 and 443, in front of the members of `MarathonLb`.

    A target gets requests while it answers health checks on 9090. That port is open for this balancer only. Give names
    for it to `*.<domain>`, or let it do so with `hosted_zone_id`.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: prefix of the names of its resources, up to 20 characters, because AWS allows 32 for the whole name.
        vpc_id: the VPC of the members.
        places: subnets, each in a different zone: public ones, or with `internal` private ones.
        addresses: the addresses of the members.
        group_id: the members' security group; it gets rules that admit the balancer.
        client_cidrs: the address ranges of the clients; must be given. `0.0.0.0/0` is everyone.
        domain: the domain of the names of apps; needed with `hosted_zone_id`.
        hosted_zone_id: the hosted zone that gets a record for `*.<domain>`; by default none does.
        certificate_arns: certificates of AWS's certificate manager for https, the default one first. The balancer then
            decrypts https, and encrypts it again with the members' own certificate, which it does not check. By default
            the members decrypt it.
        internal: whether it has private addresses only; by default False.
        http_port: the members' port for http; by default 80.
        https_port: the members' port for https; by default 443.
        tags: tags of all its resources; by default there are none.

    Raises:
        ValueError: there are no client ranges or subnets, a range is malformed, the name is too long, an ARN is
            malformed, there is a hosted zone and no domain, or a port is that of an agent or of statistics.
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
        domain: str | None = None,
        hosted_zone_id: str | None = None,
        certificate_arns: Sequence[str] = (),
        internal: bool = False,
        http_port: int = marathon_lb.HTTP_PORT,
        https_port: int = marathon_lb.HTTPS_PORT,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._check(name, places, client_cidrs, certificate_arns)
        for argument, port in (("http_port", http_port), ("https_port", https_port)):
            if port in _CLOSED:
                remedy = "Use a port of the load balancers: clients would reach a member that is not for them"
                raise invalid(self, argument, port, remedy)
        self._name, self._tags, self._vpc_id = name, dict(tags or {}), vpc_id
        group = bindings.SecurityGroup(
            self,
            "group",
            vpc_id=vpc_id,
            name=f"{name}-apps",
            description=f"{name}: the load balancer for apps",
            tags=self._named("apps"),
        )
        self._balancer = bindings.Lb(
            self,
            "balancer",
            name=f"{name}-apps",
            internal=internal,
            load_balancer_type="network",
            subnets=[place.id for place in places],
            security_groups=[group.id],
            enable_cross_zone_load_balancing=True,
            tags=self._named("apps"),
        )
        self.dns_name = self._balancer.dns_name
        for own in (80, 443):
            admit_clients(
                self,
                client_cidrs,
                group=group.id,
                port=own,
                prefix=own,
                description="Clients of apps",
                tags=self._named,
            )
        for port, why in ((http_port, "Apps, http"), (https_port, "Apps, https"), (health.STATS_PORT, "Health")):
            connect(
                self,
                source=group.id,
                target=group_id,
                egress=f"{port}-out",
                ingress=f"{port}-in",
                first=port,
                description=f"The load balancer for apps: {why}",
                tags=lambda rule: self._named(f"apps-{rule}"),
            )
        self._listen("http", 80, "TCP", http_port, addresses)
        self._listen("https", 443, "TLS" if certificate_arns else "TCP", https_port, addresses, certificate_arns)
        if hosted_zone_id is not None:
            if domain is None:
                remedy = "Set domain as well: the zone gets the record *.<domain>"
                raise invalid(self, "hosted_zone_id", hosted_zone_id, remedy)
            alias = bindings.Route53RecordAlias(
                name=self._balancer.dns_name, zone_id=self._balancer.zone_id, evaluate_target_health=False
            )
            bindings.Route53Record(self, "record", zone_id=hosted_zone_id, name=f"*.{domain}", type="A", alias=alias)

    def _check(
        self, name: str, places: Sequence[Place], client_cidrs: Sequence[str], certificate_arns: Sequence[str]
    ) -> None:
        remedy = "Give the address ranges of clients, such as ['198.51.100.0/24'], or ['0.0.0.0/0'] for everyone"
        check_clients(self, client_cidrs, largest=0, remedy=remedy)
        if len(name) > 20:
            raise invalid(self, "name", name, "Use up to 20 characters")
        if not places:
            raise invalid(self, "places", places, "Give one or more subnets")
        for arn in certificate_arns:
            if not re.fullmatch(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+", arn):
                remedy = "Use the ARN of a certificate, 'arn:aws:acm:<region>:<account>:certificate/…'"
                raise invalid(self, "certificate_arns", arn, remedy)

    def _listen(
        self,
        kind: str,
        port: int,
        protocol: str,
        members_port: int,
        addresses: Sequence[str],
        certificates: Sequence[str] = (),
    ) -> None:
        # Another port or protocol needs another target group. It gets its targets before the listener uses it, and the
        # old one is removed after that. So the two need different names.
        lifecycle = TerraformResourceLifecycle(create_before_destroy=True)
        group = bindings.LbTargetGroup(
            self,
            kind,
            name=f"{self._name}-{'tls' if certificates else kind}-{members_port}",
            vpc_id=self._vpc_id,
            protocol=protocol,
            port=members_port,
            target_type="ip",
            health_check=bindings.LbTargetGroupHealthCheck(
                protocol="HTTP",
                path="/_haproxy_health_check",
                port=str(health.STATS_PORT),
                interval=_INTERVAL_SECONDS,
                timeout=_TIMEOUT_SECONDS,
                healthy_threshold=_FAILURES,
                unhealthy_threshold=_FAILURES,
            ),
            # By default, a target that becomes unhealthy loses its connections at once (Elastic Load Balancing docs,
            # target group health). But a member that drains still answers.
            target_health_state=[
                bindings.LbTargetGroupTargetHealthState(
                    enable_unhealthy_connection_termination=False, unhealthy_draining_interval=_KEEP_SECONDS
                )
            ],
            tags=self._named(f"apps-{kind}"),
            lifecycle=lifecycle,
        )
        targets = [
            bindings.LbTargetGroupAttachment(
                self,
                f"{kind}-{address}",
                target_group_arn=group.arn,
                target_id=address,
                port=members_port,
                lifecycle=lifecycle,
            )
            for address in addresses
        ]
        listener = bindings.LbListener(
            self,
            f"{kind}-listener",
            load_balancer_arn=self._balancer.arn,
            protocol=protocol,
            port=port,
            certificate_arn=certificates[0] if certificates else None,
            # TLS 1.2 and 1.3 (Elastic Load Balancing docs, security policies of network load balancers).
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06" if certificates else None,
            default_action=[bindings.LbListenerDefaultAction(type="forward", target_group_arn=group.arn)],
            depends_on=targets,
            tags=self._named(f"apps-{kind}-listener"),
        )
        for number, arn in enumerate(list(dict.fromkeys(certificates))[1:], 2):
            bindings.LbListenerCertificate(
                self, f"certificate-{number}", listener_arn=listener.arn, certificate_arn=arn
            )

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{suffix}"}
