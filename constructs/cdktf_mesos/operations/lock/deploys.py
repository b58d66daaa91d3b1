"""Finds out whether a deploy is under way, from what it has just made on the machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from functools import partial

from cdktf_mesos.container.names import APP_LABEL, LABEL
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import Client, engine

QUIET_SECONDS = 120
"""How long a machine must have been quiet, in seconds, unless the user says otherwise.

After a check has passed, Terraform initialises and plans the stack with the members. That takes seconds, over a slow
connection to states in a bucket up to a minute.
"""


def deploy_under_way(hosts: Sequence[Host], quiet: float, seconds: float) -> str | None:
    """What shows that a deploy is under way; None if nothing does. Machines that cannot be reached are left out.

    Args:
        hosts: the machines.
        quiet: how long ago a deploy must have made its last container, in seconds. With 0 only a check that waits
            shows a deploy.
        seconds: how long an engine may take.
    """
    answers = at_once({host: partial(_made, host, quiet, seconds) for host in hosts}, seconds)
    return next((each for each in answers.values() if isinstance(each, str)), None)


def _made(host: Host, quiet: float, seconds: float) -> str | None:
    if host.connection is None:
        return None
    with engine(host.connection, seconds) as client:
        # Docker writes nanoseconds, and Python 3.10 reads no more than microseconds. The engine's own clock counts.
        now = datetime.fromisoformat(str(client.info()["SystemTime"])[:19]).replace(tzinfo=timezone.utc).timestamp()
        for kind in ("of", "role"):
            for each in client.containers(all=True, filters={"label": [f"{LABEL}{kind}"]}):
                name, age = each["Names"][0].lstrip("/"), now - each["Created"]
                # A check that has passed keeps running for a while, and is healthy.
                checks = "(health: starting)" in each["Status"] or "(unhealthy)" in each["Status"]
                if kind == "of" and checks and APP_LABEL not in each["Labels"] and not _has_failed(client, each["Id"]):
                    return f"{name} on {host.name} runs: a deploy is under way, or was broken off"
                if age < quiet:
                    return f"{name} on {host.name} was made {age:.0f} s ago: a deploy may be under way"
    return None


def _has_failed(client: Client, container: str) -> bool:
    """Whether a check has failed, and only keeps running so that its log can be read.

    The engine removes such a container when it ends. It prints its reason only when it has failed (roll/preflight.sh).
    """
    removed_at_end: bool = client.inspect_container(container)["HostConfig"]["AutoRemove"]
    return removed_at_end and bool(client.logs(container, stdout=True, stderr=False, tail=1))
