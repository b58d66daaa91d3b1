"""When an instance of Marathon serves."""

from __future__ import annotations

from cdktf_mesos.role.probe import Probe


def probe(port: int, *, authenticated: bool) -> Probe:
    """An instance serves when it knows the leader, to which it hands requests on.

    Args:
        port: of the instances.
        authenticated: whether they have `--http_credentials`. Then only `/ping` answers without a password; it says no
            more than that the instance is up.
    """
    return Probe.http(port, "/ping" if authenticated else "/v2/leader", release_path="/v2/info")
