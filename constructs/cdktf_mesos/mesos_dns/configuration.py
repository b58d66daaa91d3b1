"""The configuration of a member: a JSON file (Mesos-DNS docs, configuration parameters)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from constructs import Construct

from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos_dns.names import check_resolvers, check_zones
from cdktf_mesos.mesos_dns.settings import SettingValue, check_settings
from cdktf_mesos.security.security import Credential

# Seconds. Mesos-DNS's own defaults of the first two are 60: a name would be right again only after two minutes.
TTL, REFRESH_SECONDS, TIMEOUT_SECONDS, STATE_TIMEOUT_SECONDS = 10, 10, 2, 15

IP_SOURCES = ("host", "netinfo", "mesos", "docker")
"""Where the address of a task may come from (Mesos-DNS docs, configuration parameters: IPSources)."""

_HTTP_LISTENER_FROM, _ZONE_RESOLVERS_FROM = Release(0, 6), Release(0, 7)


@dataclass(frozen=True)
class Configuration:
    """The part of the configuration that is the same for all members. The fields are arguments of `MesosDns`."""

    resolvers: Sequence[str] | None = None
    zone_resolvers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ip_sources: Sequence[str] = ("host",)
    ttl: int = TTL
    refresh_seconds: int = REFRESH_SECONDS
    timeout_seconds: int = TIMEOUT_SECONDS
    state_timeout_seconds: int = STATE_TIMEOUT_SECONDS
    settings: Mapping[str, SettingValue] = field(default_factory=dict)

    def check(self, role: Construct, release: Release, members: Sequence[str], domain: str, port: int) -> None:
        """Refuse a configuration with which Mesos-DNS would not start, would ignore something, or would ask itself.

        Args:
            role: the role, for errors.
            release: the release of Mesos-DNS.
            members: the addresses of the members.
            domain: the domain of all names.
            port: the port for DNS.
        """
        if self.resolvers is None or isinstance(self.resolvers, str):
            remedy = (
                "Give a list of the name servers for all other names, such as ['10.20.0.2'], or an empty one to refuse "
                "such questions. Without one, Mesos-DNS would ask those in the machine's resolv.conf, perhaps itself"
            )
            raise invalid(role, "resolvers", self.resolvers, remedy)
        check_resolvers(role, "resolvers", self.resolvers, members, port)
        check_zones(role, self.zone_resolvers, domain)
        for zone, servers in self.zone_resolvers.items():
            if isinstance(servers, str) or not servers:
                remedy = "Give a list of one name server or more: without one, no name of the zone could be found"
                raise invalid(role, f"zone_resolvers[{zone!r}]", servers, remedy)
            check_resolvers(role, f"zone_resolvers[{zone!r}]", servers, members, port)
        if self.zone_resolvers and not self.resolvers:
            remedy = "Set resolvers as well: without them Mesos-DNS refuses all other names, those of these zones, too"
            raise invalid(role, "zone_resolvers", self.zone_resolvers, remedy)
        if self.zone_resolvers and release < _ZONE_RESOLVERS_FROM:
            remedy = f"Use release {_ZONE_RESOLVERS_FROM} or later: it is the first that has them"
            raise invalid(role, "zone_resolvers", self.zone_resolvers, remedy)
        sources = list(self.ip_sources)
        if not sources or not set(sources) <= set(IP_SOURCES) or len(set(sources)) < len(sources):
            raise invalid(role, "ip_sources", sources, f"Use one or more of {', '.join(IP_SOURCES)}, each once")
        for argument in ("ttl", "refresh_seconds", "timeout_seconds", "state_timeout_seconds"):
            check_whole(role, argument, getattr(self, argument), of="seconds")
        check_settings(role, release, self.settings)

    def check_unset(self, role: Construct) -> None:
        """Refuse everything that is set: the whole configuration is in a file of the machine."""
        for each in fields(self):
            if (value := getattr(self, each.name)) != getattr(_DEFAULT, each.name):
                remedy = "Remove it, and write it into config_file, which has the whole configuration"
                raise invalid(role, each.name, value, remedy)

    def text(
        self,
        release: Release,
        *,
        zookeeper_url: str,
        address: str,
        domain: str,
        port: int,
        http_port: int,
        login: Credential | None = None,
        ca_file: str | None = None,
    ) -> str:
        """The file of a member.

        Args:
            release: the release of Mesos-DNS.
            zookeeper_url: where the masters elect their leader.
            address: the member's address.
            domain: the domain of all names.
            port: the port for DNS.
            http_port: the port of the HTTP API.
            login: principal and secret for the masters' state; by default it is read without. With a login there is no
                HTTP API: it would show the secret to everybody (resolver.go, RestConfig).
            ca_file: the certificate of the authority of masters with TLS; by default they have none.
        """
        resolvers = list(self.resolvers or ())
        keys = {
            "zk": zookeeper_url,
            # 0: never end for want of a leader, but serve what is known.
            "zkDetectionTimeout": 0,
            "domain": domain,
            # These two do not follow from the domain.
            "SOAMname": f"ns1.{domain}",
            "SOARname": f"root.ns1.{domain}",
            "listener": address,
            "port": port,
            "httpport": http_port,
            **({"HTTPListener": address} if release >= _HTTP_LISTENER_FROM else {}),
            "resolvers": resolvers,
            "externalon": bool(resolvers),
            "recurseon": bool(resolvers),
            **(
                {"zoneResolvers": {zone: [*each] for zone, each in self.zone_resolvers.items()}}
                if self.zone_resolvers
                else {}
            ),
            "IPSources": list(self.ip_sources),
            "ttl": self.ttl,
            "refreshSeconds": self.refresh_seconds,
            "timeout": self.timeout_seconds,
            "stateTimeoutSeconds": self.state_timeout_seconds,
            **self.settings,
            **({"mesosHTTPSOn": True, "caCertFile": ca_file} if ca_file else {}),
            **(
                {
                    "mesosAuthentication": "basic",
                    "mesosCredentials": {"principal": login.principal, "secret": login.secret},
                    "httpon": False,
                }
                if login
                else {}
            ),
        }
        return json.dumps(keys, indent=2) + "\n"


_DEFAULT = Configuration()
