"""The variables with which Mesos's library uses TLS, and which images can."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.families import MesosFamily
from cdktf_mesos.tls.tls import CA_FILE, CERT_FILE, KEY_FILE, Tls

# Earlier releases have other names for the variables, cannot compare addresses, and pass the variables on to executors
# (Mesos docs, SSL; upgrades, 0.28 to 1.0).
_SINCE = Release(1, 0)

_PREFIX, _OLD_PREFIX = "LIBPROCESS_SSL_", "SSL_"

# Mesos's default has only ciphers with SHA-1, which clients of today refuse, such as Python 3.10 and later. The last
# two are of that default: for frameworks that know no others.
CIPHERS = ":".join(
    [
        *(f"ECDHE-{key}-AES{size}" for size in ("128-GCM-SHA256", "256-GCM-SHA384") for key in ("ECDSA", "RSA")),
        *("AES128-SHA", "AES256-SHA"),
    ]
)

# What users may set themselves.
_FREE = ("CIPHERS", "ECDH_CURVES", "VERIFICATION_DEPTH")


def tls_variables(tls: Tls, environment: Mapping[str, str], *, downgrade: bool) -> dict[str, str]:
    """The environment variables of a program with Mesos's library.

    Args:
        tls: the cluster's TLS.
        environment: the user's variables, which may set the ciphers.
        downgrade: whether it talks without TLS, too, to those that have none.
    """
    values = {
        "ENABLED": "true",
        "SUPPORT_DOWNGRADE": str(downgrade).lower(),
        "KEY_FILE": KEY_FILE,
        "CERT_FILE": CERT_FILE,
        "CA_FILE": CA_FILE,
        "CIPHERS": CIPHERS,
    }
    if tls.verify:
        # From 1.10 on VERIFY_SERVER_CERT, but this name is still read. With one name for all, a change of release
        # changes nothing else.
        values |= {"VERIFY_CERT": "true", "VERIFY_IPADD": "true"}
    variables = {f"{_PREFIX}{name}": value for name, value in values.items()}
    return {name: value for name, value in variables.items() if name not in environment}


def check_tls(
    role: Construct,
    tls: Tls | None,
    environment: Mapping[str, str],
    *,
    release: Release | None = None,
    family: MesosFamily | None = None,
) -> None:
    """Refuse TLS that an image cannot have, and variables of the user that change it behind the back of the checks.

    Args:
        role: the role.
        tls: the cluster's TLS; None if it has none.
        environment: the user's variables.
        release: the release of Mesos; None if it is not known, as that of the library in Marathon's image.
        family: the family whose own image it is; None for an image of the user's own. That may have TLS: the health
            check finds out.
    """
    if tls is None:
        if _is_on(environment, "ENABLED") and not _is_on(environment, "SUPPORT_DOWNGRADE"):
            remedy = "Use tls instead: without it no health check and no preflight asks over TLS"
            raise invalid(role, "options.environment", f"{_PREFIX}ENABLED", remedy)
        return
    for name in environment:
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in _FREE:
            remedy = f"Remove it: tls sets it. You may set {', '.join(f'{_PREFIX}{each}' for each in _FREE)}"
            raise invalid(role, "options.environment", name, remedy)
        if name.startswith(_OLD_PREFIX):
            remedy = f"Remove it: Mesos reads it as {_PREFIX}{name.removeprefix(_OLD_PREFIX)}, which tls decides"
            raise invalid(role, "options.environment", name, remedy)
    if release is not None and release < _SINCE:
        raise invalid(role, "tls", tls.stage, f"Use Mesos {_SINCE} or later for TLS, not {release}")
    if family is not None and release is not None and not family.has_tls(release):
        remedy = (
            f"Remove tls, or use another image: no image of this family is known to have TLS in Mesos {release}, and "
            "Mesos that is built without TLS ignores its variables. mesosphere's images have it. For an image of your "
            "own, set its family"
        )
        raise invalid(role, "tls", tls.stage, remedy)


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(f"{_PREFIX}{name}", "").lower() in ("true", "1")
