"""The lines of zoo.cfg for TLS between the servers of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release
from cdktf_mesos.tls.tls import CA_FILE
from cdktf_mesos.zookeeper.quorum_tls import KEYSTORE_FILE, STAGES, QuorumTls

SWITCHES = ("sslQuorum", "portUnification")
"""The settings of zoo.cfg that make a stage: connect over TLS; accept connections with TLS and without it."""

# Their values at each stage (administrator's guide, upgrading existing non-TLS cluster with no downtime).
_VALUES = dict(zip(STAGES, [("false", "false"), ("false", "true"), ("true", "true"), ("true", "false")], strict=True))

_PREFIX = "ssl.quorum."

# What users may set themselves.
_FREE = ("allowReverseDnsLookup", "ciphersuites", "crl", "enabledProtocols", "handshakeDetectionTimeoutMillis", "ocsp")

# The first release with TLS between servers, and the first whose official image takes the settings for it.
_SINCE, _IMAGES_SINCE = (3, 5, 5), (3, 5, 9)


def quorum_settings(
    role: Construct,
    tls: QuorumTls | None,
    settings: Mapping[str, str],
    java_properties: Mapping[str, str],
    release: Release,
) -> dict[str, str]:
    """The lines of zoo.cfg for TLS between servers; empty if `tls` is None.

    Raises:
        ValueError: the release or its image cannot have it, or the user has set one of these lines.
    """
    if tls is None:
        return {}
    if numbers(release) < _SINCE:
        remedy = f"ZooKeeper has no TLS between servers before 3.5.5, and this is {release}. Use 3.5.9 or later"
        raise invalid(role, "quorum_tls", tls.stage, remedy)
    if numbers(release) < _IMAGES_SINCE:
        remedy = f"The image of {release} has no way to take the settings for it. Use 3.5.9 or later"
        raise invalid(role, "quorum_tls", tls.stage, remedy)
    for argument, given in (("settings", settings), ("java_properties", java_properties)):
        for name in given:
            bare = name.removeprefix("zookeeper.") if argument == "java_properties" else name
            _check_setting(role, argument, name, bare, verify=tls.verify)
    ssl_quorum, port_unification = _VALUES[tls.stage]
    return {
        "sslQuorum": ssl_quorum,
        "portUnification": port_unification,
        "ssl.quorum.keyStore.location": KEYSTORE_FILE,
        "ssl.quorum.keyStore.type": "PEM",
        "ssl.quorum.trustStore.location": CA_FILE,
        "ssl.quorum.trustStore.type": "PEM",
        "ssl.quorum.hostnameVerification": str(tls.verify).lower(),
        # From 3.9 on the default is true, and then servers compare no addresses (administrator's guide, fips-mode).
        **({"fips-mode": "false"} if tls.verify else {}),
        # By this a preflight tells `prepared` from `used` (quorum_stage.sh). It lets nobody in: at `prepared` servers
        # take connections without TLS as well.
        "ssl.quorum.clientAuth": "none" if tls.stage == "prepared" else "need",
        # The guide advises both with sslQuorum: the end of a TLS connection may take long.
        **{name: "true" for name in ("leader.closeSocketAsync", "learner.closeSocketAsync") if name not in settings},
    }


def stage_in(environment: Mapping[str, str]) -> str:
    """The stage of a server in a container of the official image with these variables."""
    lines = dict(each.partition("=")[::2] for each in environment.get("ZOO_CFG_EXTRA", "").split())
    found = tuple(lines.get(name, "false") for name in SWITCHES)
    return next((stage for stage, values in _VALUES.items() if values == found), STAGES[0])


def _check_setting(role: Construct, argument: str, name: str, bare: str, *, verify: bool) -> None:
    if bare == "fips-mode" and verify:
        remedy = "Remove it, or set verify=False in quorum_tls: in this mode servers compare no addresses"
        raise invalid(role, argument, name, remedy)
    own = bare.startswith(_PREFIX) and bare.removeprefix(_PREFIX) not in _FREE
    if own or bare in (*SWITCHES, "sslQuorumReloadCertFiles"):
        remedy = f"Remove it: quorum_tls sets it. You may set {', '.join(_PREFIX + each for each in _FREE)}"
        raise invalid(role, argument, name, remedy)
