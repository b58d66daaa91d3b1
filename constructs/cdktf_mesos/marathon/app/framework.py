"""A framework on Marathon: a scheduler that Marathon keeps running and that starts tasks of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cdktf_mesos import scripts
from cdktf_mesos.errors import invalid
from cdktf_mesos.marathon.app.app import WAIT_SECONDS, MarathonApp
from cdktf_mesos.marathon.app.apps import MarathonApps
from cdktf_mesos.marathon.app.checks import object_of

_LIBPROCESS = Path(__file__).parent / "libprocess.sh"

# Fields of an app, and of its Docker container, that the construct decides.
_OWN = (
    *("id", "cmd", "args", "cpus", "mem", "env", "instances"),
    *("networks", "portDefinitions", "ports", "upgradeStrategy"),
)
_OWN_OF_DOCKER = ("image", "network", "portMappings")
_ZERO = {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}


class MarathonFramework(MarathonApp):
    """A framework's scheduler, as an app that the masters reach.

    * It runs on the host's network. On another network it would register, but get no offers: the masters connect to
      the address that libmesos announces.
    * `LIBPROCESS_IP` and `LIBPROCESS_PORT` are set when it starts, to the agent's address and to a port that Marathon
      has reserved for it. So firewalls that let tasks be reached let the masters reach it. If the agent's host name is
      not an address, the image needs `getent` to look it up.
    * It has one instance, and an old one ends before a new one starts. Two would take the framework from each other.

    It needs no mounts and no access to an engine: agents start its tasks. Its tasks survive it only if it registers
    with `checkpoint` and a `failover_timeout`, and with the same framework id again; that is up to the framework.

    Args:
        scope: the apps that it belongs to.
        id_: unique in the scope.
        app_id: the app's id, such as `/chronos`.
        image: the scheduler's image. It must have a shell, `/bin/sh`.
        command: the shell command that starts the scheduler. Marathon's variables may be used in it: `$HOST`, `$PORT0`
            for the scheduler's own use, and `$PORT1`, which is the port of libprocess.
        cpus: CPUs of the scheduler; by default 0.5.
        mem: memory of the scheduler in MiB; by default 512.
        env: further environment variables. Give ZooKeeper and masters by their addresses, not by names that a framework
            serves. By default there are none.
        ports: how many ports it gets; by default 2, `$PORT0` and `$PORT1`.
        app: further fields of the app, such as `{"healthChecks": […]}`; by default there are none.
        wait_seconds: how long the deployment may take, in seconds; by default 300.
        dns: as for `MarathonApp`.

    Raises:
        ValueError: `app` has a field that the construct sets; the reasons of `MarathonApp`.
    """

    def __init__(
        self,
        scope: MarathonApps,
        id_: str,
        *,
        app_id: str,
        image: str,
        command: str,
        cpus: float = 0.5,
        mem: float = 512,
        env: Mapping[str, str] | None = None,
        ports: int = 2,
        app: Mapping[str, Any] | None = None,
        wait_seconds: int = WAIT_SECONDS,
        dns: Sequence[str] = (),
    ) -> None:
        where = f"{scope.node.path}/{id_}"
        further = dict(app or {})
        container = object_of(where, further, "container")
        docker = object_of(where, container, "docker", "app['container']")
        _refuse(where, "app", further, _OWN)
        _refuse(where, "app['container']", container, ("portMappings",))
        _refuse(where, "app['container']['docker']", docker, _OWN_OF_DOCKER)
        if type(ports) is not int or ports < 2:
            raise invalid(where, "ports", ports, "Use 2 or more: one is the scheduler's own, one is that of libprocess")
        definition = {
            "id": app_id,
            # The variables are set here, since Marathon does not evaluate variables in `env`.
            "cmd": scripts.joined(_LIBPROCESS, command),
            "cpus": cpus,
            "mem": mem,
            "env": dict(env or {}),
            "instances": 1,
            "upgradeStrategy": _ZERO,
            # Ports that Marathon chooses.
            "ports": [0] * ports,
            **further,
            "container": {"type": "DOCKER", **container, "docker": {"image": image, "network": "HOST", **docker}},
        }
        super().__init__(scope, id_, app=definition, wait_seconds=wait_seconds, dns=dns)


def _refuse(where: str, argument: str, given: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if name in given:
            # There may be secrets in `env`.
            value = "…" if name == "env" else given[name]
            remedy = "Remove it: the construct sets this field, some by an argument of its own"
            raise invalid(where, f"{argument}[{name!r}]", value, remedy)
