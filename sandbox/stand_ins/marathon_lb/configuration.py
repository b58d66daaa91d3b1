"""The text of haproxy's configuration, in the order of marathon-lb's sections."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence

from .services import Json, Service
from .templates import Templates

log = logging.getLogger(__name__)

# Ids of servers are below this number (haproxy, configuration manual, server option id).
_IDS = 32767


def configuration(
    services: Sequence[Service], groups: Sequence[str], templates: Templates, *, certificates: str, vhosts: bool
) -> str:
    """The configuration.

    Args:
        services: the services of all apps, in their order.
        groups: the balancer's groups; `*` takes all services.
        templates: the templates.
        certificates: paths of certificates, separated by commas.
        vhosts: whether it listens on 80 and 443 for virtual hosts.
    """
    head = templates.of("HEAD")
    if "daemon" in head.split() or "expose-fd listeners" not in head:
        raise ValueError("HAPROXY_HEAD must have 'expose-fd listeners', and no 'daemon': reloads need that")
    crt = " ".join(f"crt {path}" for path in certificates.split(","))
    http, https = templates.of("HTTP_FRONTEND_HEAD"), templates.of("HTTPS_FRONTEND_HEAD").format(sslCerts=crt)
    by_id, frontends, backends = templates.of("HTTP_FRONTEND_APPID_HEAD"), "", ""
    ids: set[str] = set()
    rules: list[tuple[int, str, str]] = []
    taken = [each for each in services if "*" in groups or each.groups.intersection(groups)]
    for service in taken:
        values = {
            "backend": service.backend,
            "mode": service.mode,
            "balance": service.labels.get("BALANCE", "roundrobin"),
        }
        certificate, options = service.labels.get("SSL_CERT"), service.labels.get("BIND_OPTIONS")
        frontends += templates.of("FRONTEND_HEAD", service.labels).format(
            bindAddr=service.labels.get("BIND_ADDR", "*"),
            servicePort=service.port,
            sslCert=f" ssl crt {certificate}" if certificate else "",
            bindOptions=f" {options}" if options else "",
            **values,
        )
        backends += templates.of("BACKEND_HEAD", service.labels).format(**values)
        if vhosts and service.labels.get("VHOST"):
            weight = int(service.labels.get("BACKEND_WEIGHT", 1 if service.labels.get("PATH") else 0))
            rules.append((weight, *_vhost_rules(service, templates)))
        if service.mode == "http" and service.app not in ids:
            ids.add(service.app)
            clean = _clean(service.app)
            by_id += templates.of("HTTP_FRONTEND_APPID_ACL", service.labels).format(
                cleanedUpAppId=clean, hostname=service.labels.get("VHOST"), appId=service.app, backend=service.backend
            )
        backends += _options(service, templates)
        frontends += templates.of("FRONTEND_BACKEND_GLUE", service.labels).format(backend=service.backend)
        backends += _servers(service, templates)
    rules.sort(key=lambda rule: rule[0], reverse=True)
    if vhosts:
        http += "".join(rule for _, rule, _ in rules)
        https += "".join(rule for _, _, rule in rules)
    return head + (http if vhosts else "") + by_id + (https if vhosts else "") + frontends + backends


def _vhost_rules(service: Service, templates: Templates) -> tuple[str, str]:
    """The rules for a service's virtual hosts: of the frontend for http, and of that for https."""
    labels, hosts = service.labels, service.labels["VHOST"].lower().split(",")
    path, redirects = labels.get("PATH"), service.is_true("REDIRECT_TO_HTTPS")
    clean = f"{_clean(hosts[0])}_{service.app[1:].replace('/', '_')}"
    values = {"cleanedUpHostname": clean, "backend": service.backend, "path": path, "appId": service.app}
    http = https = ""
    suffix = "_WITH_PATH" if path else ""
    if len(hosts) == 1:
        http = templates.of(f"HTTP_FRONTEND_ACL{suffix}", labels).format(hostname=hosts[0], **values)
    else:
        for host in hosts:
            http += templates.of("HTTP_FRONTEND_ACL_ONLY", labels).format(hostname=host, **values)
        if not redirects:
            http += templates.of("HTTP_FRONTEND_ROUTING_ONLY", labels).format(**values)
    if redirects:
        http += templates.of("BACKEND_REDIRECT_HTTP_TO_HTTPS", labels).format(bindAddr="*", **values)
    for host in hosts:
        https += templates.of(f"HTTPS_FRONTEND_ACL{suffix}", labels).format(hostname=host, **values)
    return http, https


def _options(service: Service, templates: Templates) -> str:
    """The part of a backend before its servers."""
    labels, text, host = service.labels, "", service.labels.get("VHOST")
    allowed = labels.get("BACKEND_NETWORK_ALLOWED_ACL", "").split()
    if service.mode == "http":
        if service.is_true("USE_HSTS"):
            text += templates.of("BACKEND_HSTS_OPTIONS", labels)
        text += templates.of("BACKEND_HTTP_OPTIONS", labels)
        for label, template, value in (
            ("HTTP_BACKEND_PROXYPASS_PATH", "HTTP_BACKEND_PROXYPASS_GLUE", "proxypath"),
            ("HTTP_BACKEND_REVPROXY_PATH", "HTTP_BACKEND_REVPROXY_GLUE", "rootpath"),
            ("HTTP_BACKEND_REDIR", "HTTP_BACKEND_REDIR", "redirpath"),
        ):
            if label in labels:
                # The label with the path of a redirect has the name of its template.
                own = {} if label == template else labels
                text += templates.of(template, own).format(hostname=host, **{value: labels[label]})
    if allowed:
        kind = service.mode.upper()
        for network in allowed:
            text += templates.of(f"{kind}_BACKEND_NETWORK_ALLOWED_ACL").format(network_allowed=network)
        text += templates.of(f"{kind}_BACKEND_ACL_ALLOW_DENY")
    return text + (templates.of("BACKEND_STICKY_OPTIONS", labels) if service.is_true("STICKY") else "")


def _servers(service: Service, templates: Templates) -> str:
    text, options, check = "", "", service.check
    servers = sorted(service.servers)
    if check:
        is_tcp = service.mode == "tcp" or check["protocol"] in ("TCP", "MESOS_TCP")
        kind = "TCP" if is_tcp else "HTTP"
        values = _check_values(check, servers[0][2])
        text += templates.of(f"BACKEND_{kind}_HEALTHCHECK_OPTIONS", service.labels).format(**values)
        values = _check_values(check, check.get("port"))
        options = templates.of(f"BACKEND_SERVER_{kind}_HEALTHCHECK_OPTIONS", service.labels).strip().format(**values)
    taken: set[int] = set()
    for host, address, port in servers:
        name = _clean(f"{address}_{port}" if host == address else f"{host}_{address}_{port}")
        cookie = hashlib.sha1(name.encode()).hexdigest()[:10]
        text += templates.of("BACKEND_SERVER_OPTIONS", service.labels).format(
            host=host,
            host_ipv4=address,
            port=port,
            serverName=name,
            serverId=_id(name, taken),
            cookieOptions=f" check cookie {cookie}" if service.is_true("STICKY") else "",
            healthCheckOptions=f" {options}" if options else "",
            otherOptions="",
        )
    return text


def _check_values(check: Json, port: int | None) -> dict[str, object]:
    failures = check["maxConsecutiveFailures"]
    return {
        "healthCheckPath": check.get("path", "/"),
        "healthCheckProtocol": check["protocol"],
        "healthCheckPort": port,
        "healthCheckPortIndex": check.get("portIndex"),
        "healthCheckTimeoutSeconds": check["timeoutSeconds"],
        "healthCheckIntervalSeconds": check["intervalSeconds"],
        "healthCheckGracePeriodSeconds": check["gracePeriodSeconds"],
        "healthCheckMaxConsecutiveFailures": failures,
        "healthCheckFalls": failures + 1,
        "healthCheckPortOptions": f" port {port}" if port else "",
    }


def _id(name: str, taken: set[int]) -> int:
    """An id that stays over reloads, so that haproxy keeps the server's state."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    number = int(digest, 16) % _IDS
    if number and number not in taken:
        taken.add(number)
        return number
    return _id(f"{name} {digest}", taken)


def _clean(text: str) -> str:
    return re.sub("[^a-zA-Z0-9-]", "_", text)
