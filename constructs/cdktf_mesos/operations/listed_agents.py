"""The agents that the leading master lists, over the connections to the engines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.status.agents import Agent, read_agents
from cdktf_mesos.operations.status.seen import Seen, look
from cdktf_mesos.operations.status.wanted import Wanted


def listed_agents(members: Sequence[Wanted], seconds: float) -> list[Agent] | None:
    """The agents; None if no master leads, or the masters require a password.

    Args:
        members: all members of the program.
        seconds: how long a machine may take.
    """
    masters = [each for each in members if each.role == "master"]
    hosts = list({each.host: None for each in masters})
    jobs = {host: partial(look, host, [each for each in masters if each.host is host], seconds) for host in hosts}
    for seen in at_once(jobs, seconds).values():
        for reported in seen.reported.values() if isinstance(seen, Seen) else ():
            if reported and (agents := read_agents(reported.overview)) is not None:
                return agents
    return None
