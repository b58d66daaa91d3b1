"""The apps of a cluster: their settings, and where they are added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import field

from cdktf_mesos.errors import invalid
from cdktf_mesos.states import read_resources
from stacks.model import Settings

if TYPE_CHECKING:
    from constructs import Construct

    from cdktf_mesos import DockerHost, Marathon, MesosAgentPool, MesosDns
    from stacks.settings import Cluster

# The construct's id, and so the beginning of the resources' names.
_APPS = "apps"
_REMOVAL = f"{_APPS}_removal_of_apps"


class Framework(Settings):
    """A framework's scheduler on Marathon.

    Args:
        id: the id of its app, such as `/chronos`.
        image: the scheduler's image; it must have a shell.
        command: the shell command that starts the scheduler. `$HOST` is the agent's host name, `$PORT0` a port for the
            scheduler's own use, `$PORT1` the port of libprocess.
        cpus: CPUs of the scheduler; by default 0.5.
        mem_mib: memory of the scheduler, in MiB; by default 512.
        env: environment variables; by default there are none.
        ports: how many ports it gets, 2 or more; by default 2.
        app: further fields of its app, such as `{"healthChecks": […]}`; by default there are none.
    """

    id: str
    image: str
    command: str
    cpus: float = 0.5
    mem_mib: float = 512
    env: dict[str, str] = field(default_factory=dict)
    ports: int = 2
    app: dict[str, Any] = field(default_factory=dict)


class AppsSettings(Settings):
    """The apps on Marathon. They are deployed when Marathon serves.

    An app that is no longer in these lists is removed with its tasks. So use empty lists to remove all apps. When they
    are gone, the setting may be removed, too.

    Args:
        definitions: apps, as objects of Marathon's API, such as `{"id": "/shop", "instances": 2, "container": …}`; by
            default there are none.
        files: paths of JSON files, each with such an object, relative to cdktf.json; by default there are none.
        frameworks: frameworks that Marathon keeps running; by default there are none.
        wait_seconds: how long the deployment of each app may take, in seconds; by default 300.
    """

    definitions: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    frameworks: list[Framework] = field(default_factory=list)
    wait_seconds: int = 300


def add_apps(
    scope: Construct,
    settings: AppsSettings,
    marathon: Marathon,
    host: DockerHost,
    *,
    pools: Sequence[MesosAgentPool] = (),
    name_servers: Sequence[str] = (),
    dns: MesosDns | None = None,
) -> None:
    """Add the apps to a stack.

    Args:
        scope: the stack.
        settings: the apps.
        marathon: Marathon.
        host: one of its machines, in that stack.
        pools: the agents, if they are in that stack, too.
        name_servers: the name servers of Docker containers on the host's network; by default the host's own.
        dns: Mesos-DNS, if the cluster has it: there is a warning if it gives apps no good names.

    Raises:
        ValueError: a file cannot be read, or Marathon would refuse an app.
    """
    # Imported only here: without apps, a synth needs none of it.
    from cdktf_mesos import MarathonApp, MarathonApps, MarathonFramework
    from cdktf_mesos.marathon.app.form import absolute_id
    from stacks.dns.role import warn_of_names

    def construct_id(where: str, app_id: Any) -> str:
        # Two constructs of one name would be an error that does not say where.
        checked = absolute_id(where, app_id, marathon.release)
        if checked in marathon.app_ids:
            raise invalid(where, "id", app_id, "Use another id: another app of the program has this one")
        # No app's id has `_`.
        return checked.strip("/").replace("/", "_")

    apps = MarathonApps(scope, _APPS, marathon=marathon, host=host, pools=pools)
    common: dict[str, Any] = {"wait_seconds": settings.wait_seconds, "dns": name_servers}
    given = [(f"AppsSettings: definitions[{at}]", each) for at, each in enumerate(settings.definitions)]
    for where, app in [*given, *((f"AppsSettings: files {path!r}", _read(path)) for path in settings.files)]:
        if not isinstance(app, dict):
            raise invalid(where, "app", app, "Use an object with the fields of an app, such as 'id' and 'container'")
        MarathonApp(apps, construct_id(where, app.get("id")), app=app, **common)
    for at, each in enumerate(settings.frameworks):
        MarathonFramework(
            apps,
            construct_id(f"AppsSettings: frameworks[{at}]", each.id),
            app_id=each.id,
            image=each.image,
            command=each.command,
            cpus=each.cpus,
            mem=each.mem_mib,
            env=each.env,
            ports=each.ports,
            app=each.app,
            **common,
        )
    if dns is not None:
        warn_of_names(scope, dns, apps.ids)


def refuse_dropped_apps(cluster: Cluster, stack: str) -> None:
    """Refuse a program without the setting `apps`, while a state in the working directory still has apps.

    Raises:
        ValueError: there are some. They would keep running.
    """
    for resource in read_resources(Path.cwd() / f"terraform.{stack}.tfstate"):
        if resource["type"] == "terraform_data" and resource["name"].startswith(_REMOVAL):
            ids = [str(each.get("index_key")) for each in resource["instances"]]
            if ids:
                problem = f"the apps {', '.join(ids)} still run (the state of {stack})"
                remedy = "Use apps=AppsSettings() for one deploy: it removes them"
                raise ValueError(f"Cluster {cluster.name}: apps is missing, but {problem}. {remedy}")


def _read(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise invalid("AppsSettings", "files", path, f"Use a file with the JSON of one app ({error})") from None
