"""How masters and agents are closed: their flags, their files and their ACLs, by stage and release."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.acls import agent_acls, master_acls
from cdktf_mesos.mesos.configuration import FlagValue, all_flags
from cdktf_mesos.mesos.flags import Program, flags
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.security.security import Credential, Security

# Flags that decide who is let in. With security, the construct sets them all.
_CLOSING = (
    *("credentials", "credential", "http_credentials", "acls", "authorizer", "authorizers", "firewall_rules"),
    *("authenticate", "authenticate_slaves", "authenticate_frameworks", "authenticate_agents"),
    *("authenticate_http", "authenticate_http_readonly", "authenticate_http_readwrite"),
    *("authenticate_http_frameworks", "authenticate_http_executors"),
    *("authenticators", "authenticatee", "http_authenticators", "http_framework_authenticators"),
)

# The flag that closes the end points that checks read, such as the metrics (Mesos docs, authentication). The older
# `authenticate_http` closes only those that change something.
_CLOSES_CHECKS = "authenticate_http_readonly"

# The sender of a message is taken from a header. With this variable it must have the address of its connection (Mesos
# docs, configuration: libprocess options; from 1.4 on).
_PEER_MATCH, _PEER_MATCH_FROM = {"LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH": "true"}, Release(1, 4)

# Before 0.26 the JSON form has secrets in base64, and from 1.11 on there is no other form (Mesos, mesos.proto:
# Credential; src/credentials/credentials.hpp).
_JSON_FROM = Release(0, 26)

# From these releases on, masters ignore an agent that does not authenticate. Before, they tell it to shut down, with
# its executors (MESOS-8987).
_IGNORES_AGENTS_FROM = {(1, 4): 2, (1, 5): 2, (1, 6): 1}


@dataclass(frozen=True)
class Closed:
    """What security adds to a container.

    Args:
        flags: flags of the program.
        environment: further environment variables.
        files: the files that the flags name.
    """

    flags: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[SecretFile] = ()


def check_closing_flags(
    role: Construct, user_flags: Mapping[str, FlagValue], environment: Mapping[str, str], security: Security | None
) -> None:
    """Refuse flags of the user that close the members in a way that their checks do not know.

    Args:
        role: the role that gets the flags.
        user_flags: the flags.
        environment: the container's further variables; `MESOS_X` is the flag x.
        security: the security of the cluster; None if it is open.
    """
    for name, value in all_flags(user_flags, environment).items():
        if security and name in _CLOSING:
            remedy = "Remove it: the cluster has security, which decides who is let in"
        elif not security and name == _CLOSES_CHECKS and str(value).lower() == "true":
            remedy = "Use security instead: without it no health check and no preflight could log in"
        else:
            continue
        in_flags = name in user_flags
        argument = f"flags[{name!r}]" if in_flags else "options.environment"
        raise invalid(role, argument, shown(name, value) if in_flags else f"MESOS_{name.upper()}", remedy)


def closed_master(security: Security, release: Release) -> Closed:
    """What security adds to a master."""
    has = flags("master", release)
    known = [*security.all_of("agent", "operator", "probe"), *security.frameworks()]
    path = _staged(security, "credentials")
    own_flags, files = {"credentials": path}, [security.file(path, *_list(known, release))]
    if not security.reaches("required"):
        return Closed(own_flags, {}, files)
    required = (
        ("authenticate_agents", "authenticate_slaves"),
        ("authenticate_frameworks", "authenticate"),
        ("authenticate_http_readwrite", "authenticate_http"),
        ("authenticate_http_readonly",),
    )
    for names in required:
        own_flags |= dict.fromkeys([name for name in names if name in has][:1], "true")
    if "authenticate_http_frameworks" in has:
        # Schedulers that speak HTTP. Without this, the principal that one claims is believed (Mesos, docs,
        # authentication).
        own_flags |= {"authenticate_http_frameworks": "true", "http_framework_authenticators": "basic"}
    return _with_acls(own_flags, files, security, master_acls(security, release), "master", release)


def closed_agent(security: Security, release: Release) -> Closed:
    """What security adds to an agent."""
    if not security.reaches("used"):
        return Closed()
    has = flags("agent", release)
    path = _staged(security, "credential")
    own_flags, files = {"credential": path}, [security.file(path, *_one(security.newest("agent"), release))]
    if "http_credentials" in has:
        http, known = "/etc/cdktf-mesos.http-credentials", security.all_of("operator", "probe")
        own_flags["http_credentials"] = http
        files.append(security.file(http, "agent-http-credentials.json", _json_list(known)))
    if not security.reaches("required"):
        return Closed(own_flags, {}, files)
    own_flags |= {name: "true" for name in ("authenticate_http_readonly", "authenticate_http_readwrite") if name in has}
    return _with_acls(own_flags, files, security, agent_acls(security), "agent", release)


def left_open(program: Program, release: Release) -> str | None:
    """What stays open at the stage `required`, in words; None if nothing does."""
    has = flags(program, release)
    if _CLOSES_CHECKS in has:
        return None
    if "authenticate_http" in has:
        return f"Mesos {release} lets anybody read its state: only end points that change something need a password"
    what = "masters still let anybody read their state" if program == "master" else "agents still answer anybody"
    return f"Mesos {release} has no authentication for all of HTTP: its {what}. From 1.0 on they need a password"


def shuts_agents_down(release: Release) -> bool:
    """Whether masters tell an agent that does not authenticate to shut down with its tasks, instead of ignoring it."""
    patch = _IGNORES_AGENTS_FROM.get((release.major, release.minor))
    if patch is not None:
        return release.patch is not None and release.patch < patch
    return release < Release(1, 4)


def warn_of_required(
    role: Construct, shown_on: Construct, program: Program, release: Release, security: Security
) -> None:
    """Warn at the stage `required` of what the release leaves open, and of masters that end tasks of open agents."""
    if security.stage != "required":
        return
    if still := left_open(program, release):
        Annotations.of(shown_on).add_warning(f"{role.node.path}: {still}")
    if program == "master" and shuts_agents_down(release):
        Annotations.of(shown_on).add_warning(
            f"{role.node.path}: Mesos {release} tells an agent that does not authenticate to shut down, with its tasks "
            "(MESOS-8987). So do not override preflights at this stage"
        )


def _with_acls(
    own_flags: dict[str, str],
    files: list[SecretFile],
    security: Security,
    acls: Mapping[str, object],
    program: Program,
    release: Release,
) -> Closed:
    if "acls" in flags(program, release):
        path = "/etc/cdktf-mesos.acls"
        own_flags["acls"] = f"file://{path}"
        old = "" if release >= Release(1, 0) else "-before-1.0"
        files.append(security.file(path, f"{program}-acls{old}.json", json.dumps(acls, indent=1)))
    return Closed(own_flags, _PEER_MATCH if release >= _PEER_MATCH_FROM else {}, files)


def _staged(security: Security, name: str) -> str:
    """A path that tells the stage: `/flags` shows it, so preflights find out at which stage a member runs."""
    return f"/etc/cdktf-mesos.{security.stage}.{name}"


def _list(known: Sequence[Credential], release: Release) -> tuple[str, str]:
    """A master's list of credentials: a name for the file, and its content."""
    if release >= _JSON_FROM:
        return "master-credentials.json", _json_list(known)
    return "master-credentials", "".join(f"{each.principal} {each.secret}\n" for each in known)


def _json_list(known: Sequence[Credential]) -> str:
    return json.dumps({"credentials": [{"principal": each.principal, "secret": each.secret} for each in known]})


def _one(own: Credential, release: Release) -> tuple[str, str]:
    """An agent's own credential: a name for the file, and its content."""
    if release >= _JSON_FROM:
        return "agent-credential.json", json.dumps({"principal": own.principal, "secret": own.secret})
    return "agent-credential", f"{own.principal} {own.secret}"
