"""`python -m sandbox.demo` (`make demo`) runs the demo, `python -m sandbox.demo down` (`make down`) removes it."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Mapping

from docker.errors import DockerException
from kazoo.exceptions import KazooException  # type: ignore[import-untyped]

from sandbox.demo import (
    AGENT_SETTINGS,
    APP,
    CHECKS,
    DEPLOY_SECONDS,
    DIRECTORY,
    DOMAIN,
    MARATHON,
    TASK_IMAGE,
    WAIT_SECONDS,
)
from sandbox.demo.down import down
from sandbox.demo.engines import Place, choose
from sandbox.demo.roll import roll
from sandbox.demo.view import next_steps, show
from sandbox.live import LiveCluster
from sandbox.project import ALL, PROGRESS, ROOT, Project, environment, is_mirrored
from sandbox.static import live

ZNODE = "/demo"
# Each task serves a page by HTTP, and logs the time.
COMMAND = """\
mkdir -p /tmp/www
echo "task at $HOST:$PORT0" > /tmp/www/index.html
httpd -p "$PORT0" -h /tmp/www
while true; do date; sleep 5; done"""

STEPS = 7

APPLIED = re.compile("Apply complete|Error")


def main() -> int:
    """Run the demo, or remove what it left."""
    started = time.monotonic()
    try:
        if sys.argv[1:] == ["down"]:
            down()
        else:
            demo()
    except (RuntimeError, OSError, ValueError, DockerException, KazooException) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} s")
    return 0


def demo() -> None:
    """Deploy a cluster, run an app on it, upgrade the cluster, and compare what runs before and after."""
    step(1, "Choose where the cluster runs")
    place = choose()
    print("\n".join(f"    {line}" for line in place.description))
    old, new = place.pins
    pins = {"marathon_version": MARATHON, **old}
    checks = dict.fromkeys(("zookeeper", "masters", "marathon"), CHECKS) if CHECKS else {}
    settings = {"wait_seconds": WAIT_SECONDS, "agents": AGENT_SETTINGS, **checks, **place.settings}
    project = Project(DIRECTORY, name="demo", **pins, **settings)
    project.timeout = DEPLOY_SECONDS
    write_environment()

    step(2, f"Deploy a cluster ({_pulled(place)}cdktf deploy): {_listed(old)}, Marathon {MARATHON}")
    if place.control:
        project.operate("pull")
    # With several machines, one line for each stack is enough.
    project.deploy(show=APPLIED if place.control else PROGRESS)
    agents = len(place.agents) or 1
    cluster = live(project, place.control) if place.control else LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=agents, seconds=WAIT_SECONDS)

    tasks = "1 task" if place.tasks == 1 else f"{place.tasks} tasks"
    step(3, f"Start an app through Marathon ({tasks} of image {TASK_IMAGE}), and write a znode to ZooKeeper")
    if f"/{APP}" not in cluster.apps():
        cluster.run_app(APP, image=TASK_IMAGE, command=COMMAND, instances=place.tasks)
    with cluster.zookeeper() as zookeeper:
        zookeeper.ensure_path(ZNODE)
        zookeeper.set(ZNODE, b"written before the upgrade")
    cluster.wait_for_tasks(APP, place.tasks, WAIT_SECONDS)
    before = show(cluster, place)

    step(4, f"Change the versions in {DIRECTORY.name}/cdktf.json to {_listed(new)}, and preview the upgrade")
    project.change(**new)
    if place.control:
        shown = project.operate("preview", "--timeout", str(DEPLOY_SECONDS)).stdout
        print("\n".join(f"    {line}".rstrip() for line in shown.splitlines()))
    else:
        project.diff(show=ALL)

    if place.control:
        step(
            5,
            "Upgrade the cluster (cdktf-mesos pull, cdktf deploy '*') while clients keep writing to ZooKeeper and "
            f"asking http://{APP}.{DOMAIN}",
        )
        project.operate("pull")
        requests = roll(project, cluster, place)
    else:
        step(5, "Upgrade the cluster (cdktf deploy)")
        project.deploy(show=PROGRESS)
        requests = ""

    step(6, "Check that everything survived the upgrade")
    cluster.wait_until_serving(agents=agents, seconds=WAIT_SECONDS)
    cluster.wait_for_tasks(APP, place.tasks, WAIT_SECONDS)
    after = show(cluster, place)
    with cluster.zookeeper() as zookeeper:
        print(f"    znode      {ZNODE}: {zookeeper.get(ZNODE)[0].decode()}")
    if after != before:
        raise RuntimeError(f"the upgrade changed a task or its agent: before {before}, after {after}")
    print("    Same agent ids, tasks, containers and processes as before the upgrade")

    step(7, "Next steps")
    print(next_steps(cluster, place))
    if requests:
        print(f"\n    {requests}")


def _pulled(place: Place) -> str:
    return "cdktf-mesos pull, " if place.control else ""


def _listed(pins: Mapping[str, str]) -> str:
    names = {"zookeeper_version": "ZooKeeper", "mesos_version": "Mesos"}
    return ", ".join(f"{names[pin]} {version}" for pin, version in pins.items())


def step(number: int, what: str) -> None:
    """Print the heading of a step."""
    print(f"\n[{number}/{STEPS}] {what}", flush=True)


def write_environment() -> None:
    """Write the file `env`: a shell that sources it can run cdktf in the demo's directory."""
    wanted = environment()
    names = ("TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION")
    path = f"{ROOT}/node_modules/.bin:{ROOT}/.venv/bin:$PATH"
    lines = [f"export {name}={shlex.quote(wanted[name])}" for name in names]
    lines.append(f'export PATH="{path}"')
    if is_mirrored():
        lines.append(
            'cdktf() { case $1 in deploy|diff|destroy) set -- "$@" --skip-provider-lock;; esac; command cdktf "$@"; }'
        )
    (DIRECTORY / "env").write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    sys.exit(main())
