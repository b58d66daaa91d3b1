"""How Marathon logs in, and how it is closed: its flags, variables and files, by stage and release."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.image.release import Release
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.security.security import LOGIN, Security
from cdktf_mesos.zookeeper.login import url_with_login

PRINCIPAL = "marathon"
"""Marathon's principal in a cluster with security."""

PRINCIPAL_FLAG = "mesos_authentication_principal"
"""The flag with the principal."""

# Marathon's release that only names its principal to Mesos without a secret. Earlier ones already try to authenticate
# (MarathonSchedulerDriver.scala).
NAMES_PRINCIPAL_FROM = Release(1, 1)

ZK_LOGIN_FROM = Release(1, 5)
"""The first release that logs in to ZooKeeper. From 1.3 on Marathon could, but up to 1.4 the image's start script makes
arguments of variables (bin/start), so everybody on the machine would see the password."""

# Flags that the construct sets once there is a principal; and those that close the API, which no health check could
# then ask.
_OWN_FLAGS = (
    *(PRINCIPAL_FLAG, "mesos_authentication"),
    *("mesos_authentication_secret", "mesos_authentication_secret_file"),
)
_CLOSING = ("http_credentials",)
_CLOSING_VARIABLES = ("MARATHON_HTTP_CREDENTIALS", "MESOSPHERE_HTTP_CREDENTIALS")

_HERE = Path(__file__).parent
START = _HERE / "start.sh"
"""The script that sets variables from files, and starts Marathon."""

# Marathon's image runs as nobody from 1.5.15 and 1.7 on, so these files must be readable for all in its container.
_READABLE = "0444"


@dataclass(frozen=True)
class Closed:
    """What the principal and the security add to Marathon's container.

    Args:
        flags: flags of Marathon.
        variables: variables whose values are in files: paths of the files, by the variables' names.
        files: the files.
    """

    flags: Mapping[str, str | None] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[SecretFile] = ()

    @property
    def start(self) -> list[str]:
        """The entrypoint that sets the variables; empty if there are none: then the image's own is used."""
        return scripts.words("marathon", START) if self.variables else []

    @property
    def words(self) -> list[str]:
        """The entrypoint's first arguments."""
        pairs = [f"{name}={path}" for name, path in self.variables.items()]
        return [*pairs, "--"] if pairs else []


def checked_principal(
    role: Construct, principal: str | None, security: Security | None, release: Release
) -> str | None:
    """The principal, which with security is `marathon` by default.

    Raises:
        ValueError: the release does not only name it, but would try to authenticate without a secret; the cluster's
            secrets have no such principal.
    """
    if security is None:
        if principal is not None and release < NAMES_PRINCIPAL_FROM:
            remedy = f"Use release {NAMES_PRINCIPAL_FROM} or later, or remove it: this one would try to authenticate"
            raise invalid(role, "principal", principal, remedy)
        if principal is not None and not principal.strip():
            raise invalid(role, "principal", principal, f"Use a name that is not blank, such as {PRINCIPAL!r}")
        return principal
    wanted = PRINCIPAL if principal is None else principal
    known = [each.principal for each in security.frameworks()]
    if wanted not in known:
        remedy = f"Use a principal of the cluster's secrets: {', '.join(known)}. A running Marathon must keep its own"
        raise invalid(role, "principal", wanted, remedy)
    return wanted


def check_closing_flags(
    role: Construct, flags: Mapping[str, object], environment: Mapping[str, str], principal: str | None
) -> None:
    """Refuse flags of the user with which nobody could ask Marathon, or that the construct sets itself."""
    remedies = dict.fromkeys(
        _CLOSING, "Use security instead: without it, no health check and no preflight could log in"
    )
    if principal is not None:
        remedies |= dict.fromkeys(_OWN_FLAGS, "Remove it: the principal and security set this flag")
    for name, remedy in remedies.items():
        if name in flags:
            raise invalid(role, f"flags[{name!r}]", shown(name, flags[name]), remedy)
    variables = [*_CLOSING_VARIABLES, *(f"MARATHON_{name.upper()}" for name in remedies)]
    for name in variables:
        if name in environment:
            flag = name.partition("_")[2].lower()
            raise invalid(role, "options.environment", name, remedies[flag])


def closed_marathon(principal: str | None, security: Security | None, release: Release, zk: str) -> Closed:
    """What the principal and the security add to Marathon.

    Args:
        principal: its principal in Mesos; None if it has none.
        security: the security of the cluster; None if it is open.
        release: Marathon's release.
        zk: its URL of ZooKeeper, without a login.
    """
    used = security is not None and security.reaches("used")
    if principal is None or not (used or release >= NAMES_PRINCIPAL_FROM):
        return Closed()
    flags: dict[str, str | None] = {PRINCIPAL_FLAG: principal}
    if security is None or not used:
        return Closed(flags)
    own = next(each for each in security.frameworks() if each.principal == principal)
    # Marathon takes the whole file for the secret, so it has no end of line.
    secret = security.file("/etc/cdktf-mesos.secret", f"{principal}-secret", own.secret, mode=_READABLE)
    flags["mesos_authentication_secret_file"] = secret.path
    if release >= Release(1, 2):
        flags["mesos_authentication"] = None
    files, variables = [secret], {}
    if release >= ZK_LOGIN_FROM:
        url = url_with_login(security, zk, "/etc/cdktf-mesos.zk", f"{principal}-zk", mode=_READABLE)
        files.append(url)
        variables["MARATHON_ZK"] = url.path
    if security.reaches("required"):
        text = _user_and_password(security)
        http = security.file("/etc/cdktf-mesos.http-credentials", "marathon-http-credentials", text, mode=_READABLE)
        files.append(http)
        variables["MESOSPHERE_HTTP_CREDENTIALS"] = http.path
    return Closed(flags, variables, files)


def login_of(security: Security) -> SecretFile:
    """The file with the login to Marathon's API, as HTTP sends it. It is where `Security.login` has that to Mesos."""
    text = b64encode(_user_and_password(security).encode()).decode()
    return security.file(LOGIN, "marathon-login", text, mode=_READABLE)


def balancer_login_of(security: Security, path: str) -> SecretFile:
    """The file with the login to Marathon's API, as marathon-lb reads it."""
    return security.file(path, "marathon-http-credentials", _user_and_password(security))


def _user_and_password(security: Security) -> str:
    """User and password of Marathon's API. It has only one, so all instances and clients have the same."""
    own = security.newest("operator")
    return f"{own.principal}:{own.secret}"


def principal_check(principal: str, framework: str, masters: Sequence[str], instances: Sequence[str]) -> HostCheck:
    """The check that a Marathon that masters know already has this principal.

    Args:
        principal: the principal.
        framework: the name with which it registers.
        masters: `host:port` of the masters.
        instances: `host:port` of its instances.
    """
    variables = {
        "WANTED": principal,
        "FRAMEWORK_NAME": framework,
        "KNOWN_MASTERS": " ".join(masters),
        "INSTANCES": " ".join(instances),
    }
    return HostCheck(scripts.joined(_HERE / "principal.sh"), (), variables)
