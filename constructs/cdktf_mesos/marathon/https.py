"""Marathon's own https: its stages, flags and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from constructs import Construct

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import check_one_of, invalid, shown
from cdktf_mesos.expressions import shell_word
from cdktf_mesos.image.release import Release
from cdktf_mesos.security.stage import skips_stages
from cdktf_mesos.tls.tls import Tls

HttpsStage = Literal["used", "required"]

HTTPS_PORT = 8443
"""Marathon's default port for https."""

_HERE = Path(__file__).parent
KEYSTORE, QUESTIONS, ALL_HAVE_HTTPS = (_HERE / f"{name}.sh" for name in ("keystore", "https", "all_have_https"))
"""Scripts: the entrypoint's part that makes the keystore; what checks ask; the condition of the stage `required`."""

_STAGES = ("off", *get_args(HttpsStage))

# Before this release, an instance forwards requests to the leader without TLS in any case (LeaderProxyFilter).
_SINCE = Release(0, 9)
# The first release with the flag leader_proxy_ssl_ignore_hostname.
_IGNORES_HOSTNAME_FROM = Release(1, 2)

_FLAGS = ("http", "https_port", "https_address", "ssl_keystore_path", "ssl_keystore_password")
_IGNORE_HOSTNAME = "leader_proxy_ssl_ignore_hostname"
_VARIABLES = ("MESOSPHERE_KEYSTORE_PATH", "MESOSPHERE_KEYSTORE_PASS")


@dataclass(frozen=True)
class Https:
    """Marathon's https.

    Args:
        stage: `used` or `required`.
        port: the port for https.
        tls: the TLS of the cluster, whose certificates it has.
    """

    stage: HttpsStage
    port: int
    tls: Tls

    @property
    def required(self) -> bool:
        """Whether instances answer over https only."""
        return self.stage == "required"

    def flags(self, address: str) -> dict[str, str | None]:
        """Marathon's flags on a host."""
        found: dict[str, str | None] = {"https_address": address, "https_port": str(self.port)}
        if self.required:
            found["disable_http"] = None
            if not self.tls.verify:
                found[_IGNORE_HOSTNAME] = None
        return found

    def settings(self, http_port: int, addresses: Sequence[str]) -> str:
        """Bash that sets the variables of https.sh."""
        # An address that only Terraform knows cannot be in a script. Then the check is as strict during a change of the
        # stage as it is otherwise.
        known = " ".join(address for address in addresses if not Token.is_unresolved(address))
        return f"export HTTPS_PORT={self.port} HTTP_PORT={http_port} MARATHONS={shell_word(known)}"


def checked_https(
    role: Construct,
    stage: HttpsStage | None,
    port: int,
    tls: Tls | None,
    release: Release,
    flags: Mapping[str, object],
    environment: Mapping[str, str],
) -> Https | None:
    """Marathon's https; None without a stage.

    Raises:
        ValueError: an unknown stage; there are no certificates; a release that cannot; flags or variables of the user
            that contradict.
    """
    for name in flags:
        known = name.removeprefix("disable_")
        if known in _FLAGS if stage else known == "http":
            remedy = "Use the arguments https and https_port instead: health checks and preflights must know them"
            raise invalid(role, f"flags[{name!r}]", shown(name, flags[name]), remedy)
    if stage is None:
        return None
    check_one_of(role, "https", stage, get_args(HttpsStage), "leave it out for a Marathon without https")
    if tls is None:
        raise invalid(role, "https", stage, "Give the masters tls: its certificates are those of Marathon's https, too")
    if release < _SINCE:
        raise invalid(role, "https", stage, f"Use Marathon {_SINCE} or later for https, not {release}")
    if stage == "required" and not tls.verify and release < _IGNORES_HOSTNAME_FROM:
        remedy = (
            f"Use Marathon {_IGNORES_HOSTNAME_FROM} or later, or certificates for each machine without verify=False: "
            f"Marathon {release} compares the leader's name in any case"
        )
        raise invalid(role, "https", stage, remedy)
    for name in environment:
        if name in _VARIABLES or name.removeprefix("MARATHON_").lower() in (*_FLAGS, "disable_http"):
            raise invalid(role, "options.environment", name, "Remove it: https sets it")
    return Https(stage, port, tls)


def skips_https(deployed: Collection[str], wanted: Collection[str]) -> str | None:
    """Why the stage in Marathon's new arguments must not follow that in the deployed ones; None if it may."""
    return skips_stages("https", _STAGES, _stage_in(deployed), _stage_in(wanted))


def _stage_in(arguments: Collection[str]) -> str:
    if "--disable_http" in arguments:
        return "required"
    return "used" if "--https_port" in arguments else "off"
