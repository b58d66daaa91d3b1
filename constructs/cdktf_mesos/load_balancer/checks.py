"""What a load balancer checks about its arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from constructs import Construct

from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.domain import is_domain
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import absolute_path
from cdktf_mesos.load_balancer import templates
from cdktf_mesos.marathon.marathon import Marathon

# Variables that marathon-lb prints into its log, or that would put a key into the state.
_SECRET = re.compile("MARATHON_(USER|PASSWORD)|VAULT_.*|HAPROXY_SSL_CERT[0-9]*")
_SET = {f"HAPROXY_{name}" for name in templates.TEMPLATES}


def check_groups(role: Construct, groups: Sequence[str]) -> list[str]:
    """Return the groups. Refuse an empty list, and names that marathon-lb would split or take for options."""
    if isinstance(groups, str) or not groups or not all(re.fullmatch(r"[^\s,\-][^\s,]*", group) for group in groups):
        remedy = (
            "Use names of groups as apps have them in the label HAPROXY_GROUP, such as ['external'], or ['*'] for all "
            "apps, which then are exposed"
        )
        raise invalid(role, "groups", groups, remedy)
    return list(dict.fromkeys(groups))


def check_domain(role: Construct, domain: str | None) -> str | None:
    """Return the domain. Refuse text that is not a valid domain name."""
    if domain is None:
        return None
    remedy = (
        "Use a domain such as 'apps.example.com': labels of lower-case letters, digits and inner hyphens, without a "
        "wildcard and a final dot"
    )
    # The longest name has 253 characters (RFC 1035), and that of the app comes before the domain.
    if not is_domain(domain, longest=200):
        raise invalid(role, "domain", domain, remedy)
    return domain


def check_path(role: Construct, argument: str, path: str | None) -> str | None:
    """Return the path. Refuse one that is not absolute."""
    return None if path is None else absolute_path(role, argument, path)


def check_login(role: Construct, marathon: Marathon, credentials_file: str | None) -> None:
    """Refuse a file with a login in a cluster with security, which has its own."""
    if marathon.login is not None and credentials_file is not None:
        raise invalid(role, "credentials_file", credentials_file, "Remove it: the cluster's security has the login")


def check_options(role: Construct, options: ContainerOptions) -> None:
    """Refuse variables with secrets, and what would replace the construct's own templates."""
    for variable in options.environment:
        if _SECRET.fullmatch(variable):
            remedy = "Remove it: it would be in the state and in the log. Use credentials_file or certificates"
            raise invalid(role, "options.environment", variable, remedy)
        if variable in _SET:
            remedy = "Remove it: the construct sets this template. Use the other templates, or labels of the app"
            raise invalid(role, "options.environment", variable, remedy)
    for mount in options.mounts:
        if mount.target == templates.DIRECTORY:
            remedy = "Mount single files: the construct has templates in this directory"
            raise invalid(role, "options.mounts", mount.target, remedy)
