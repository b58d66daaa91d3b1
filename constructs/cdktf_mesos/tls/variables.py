"""The variables with which Mesos's libraries use TLS, by release, and which images can."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release
from cdktf_mesos.tls.tls import CA_FILE, CERT_FILE, KEY_FILE, Tls

# TLS came with 0.23. Up to 0.28 the variables have a short prefix (Mesos docs, SSL; upgrades, 0.28 to 1.0).
_SINCE, _LONG_PREFIX, _SHORT_PREFIX = Release(0, 23), "LIBPROCESS_SSL_", "SSL_"

# The address is compared from 1.0 on; the variable for servers' certificates was renamed in 1.10 (Mesos docs, SSL).
_ADDRESSES_FROM, _RENAMED_FROM = Release(1, 0), Release(1, 10)

# Mesos's default has only ciphers with SHA-1, which clients of today refuse, such as Python 3.10 and later. The last
# two are of that default: for frameworks that know no others.
CIPHERS = ":".join(
    [
        *(f"ECDHE-{key}-AES{size}" for size in ("128-GCM-SHA256", "256-GCM-SHA384") for key in ("ECDSA", "RSA")),
        *("AES128-SHA", "AES256-SHA"),
    ]
)

# What users may set themselves.
_FREE = ("CIPHERS", "ECDH_CURVES", "VERIFICATION_DEPTH", "ENABLE_TLS_V1_2", "HOSTNAME_VALIDATION_SCHEME", "CA_DIR")


def tls_variables(tls: Tls, release: Release, environment: Mapping[str, str], *, downgrade: bool) -> dict[str, str]:
    """The environment variables of a program.

    Args:
        tls: the cluster's TLS.
        release: the release of Mesos, or of the library in the program.
        environment: the user's variables, which may set the ciphers.
        downgrade: whether it talks without TLS, too.
    """
    prefix = _LONG_PREFIX if release >= Release(1, 0) else _SHORT_PREFIX
    values = {
        "ENABLED": "true",
        "SUPPORT_DOWNGRADE": str(downgrade).lower(),
        "KEY_FILE": KEY_FILE,
        "CERT_FILE": CERT_FILE,
        "CA_FILE": CA_FILE,
        "CIPHERS": CIPHERS,
    }
    if tls.verify:
        values["VERIFY_SERVER_CERT" if release >= _RENAMED_FROM else "VERIFY_CERT"] = "true"
        if release >= _ADDRESSES_FROM:
            values["VERIFY_IPADD"] = "true"
    variables = {f"{prefix}{name}": value for name, value in values.items()}
    return {name: value for name, value in variables.items() if name not in environment or name != f"{prefix}CIPHERS"}


def check_tls(
    role: Construct,
    tls: Tls | None,
    release: Release,
    environment: Mapping[str, str],
    *,
    image: str,
    tls_from: tuple[int, int] | None,
    is_public: bool,
) -> None:
    """Refuse TLS that the image cannot have, and variables of the user that change it behind the back of the checks.

    Args:
        role: the role.
        tls: the cluster's TLS; None if it has none.
        release: the release of Mesos.
        environment: the user's variables.
        image: the image.
        tls_from: the first release whose image of the family has TLS; None if none has it, or nobody knows.
        is_public: whether it is the family's own image. An image of the user's own may have TLS: the health check finds
            out.
    """
    for name in environment:
        if not name.startswith((_LONG_PREFIX, _SHORT_PREFIX)):
            continue
        known = name.removeprefix(_LONG_PREFIX).removeprefix(_SHORT_PREFIX)
        if tls is None and known == "ENABLED":
            remedy = "Use tls instead: health checks and preflights would not know that the members have TLS"
        elif tls is not None and known not in _FREE:
            remedy = f"Remove it: with tls the construct decides this. Yours are {', '.join(_FREE)}"
        else:
            continue
        raise invalid(role, "options.environment", name, remedy)
    if tls is None:
        return
    if release < _SINCE:
        raise invalid(role, "tls", tls.stage, f"Use Mesos {_SINCE} or later for TLS, not {release}")
    if is_public and (tls_from is None or (release.major, release.minor) < tls_from):
        first = f"images of this family have it from {tls_from[0]}.{tls_from[1]} on" if tls_from else "no such image has"
        remedy = (
            f"Remove tls, or use another image: {image} is built without TLS, and Mesos would ignore its variables "
            f"without a word ({first}; an image of your own is taken at your word, with mesos_family)"
        )
        raise invalid(role, "tls", tls.stage, remedy)
