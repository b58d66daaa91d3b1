"""`python -m sandbox.demo` (`make demo`), and `python -m sandbox.demo down` (`make down`), which removes it all."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Mapping

from sandbox.demo import APP, DIRECTORY, MARATHON, TASK_IMAGE
from sandbox.demo.down import down
from sandbox.demo.engines import choose
from sandbox.demo.roll import preview, roll
from sandbox.demo.view import next_steps, show
from sandbox.live import LiveCluster
from sandbox.project import ALL, PROGRESS, ROOT, Project, environment, is_mirrored
from sandbox.static import live

ZNODE = "/demo"

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
    except (RuntimeError, TimeoutError, ValueError) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    print(f"\n({time.monotonic() - started:.0f} s)")
    return 0


def demo() -> None:
    """The demo."""
    step(1, "a place")
    place = choose()
    print(f"    {place.said}")
    old, new = place.pins
    project = Project(DIRECTORY, name="demo", marathon_version=MARATHON, **place.settings, **old)
    write_environment()

    step(2, f"cdktf deploy: {_said(old)}, and Marathon {MARATHON}")
    # Of several machines, a line for each stack says enough.
    project.deploy(show=APPLIED if place.control else PROGRESS)
    agents = len(place.agents) or 1
    cluster = live(project, place.control) if place.control else LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=agents)

    step(3, f"an app through Marathon: {place.tasks} x {TASK_IMAGE}, and a znode in ZooKeeper")
    if f"/{APP}" not in cluster.apps():
        command = "while true; do date; sleep 5; done"
        cluster.run_app(APP, image=TASK_IMAGE, command=command, instances=place.tasks)
    with cluster.zookeeper() as zookeeper:
        zookeeper.ensure_path(ZNODE)
        zookeeper.set(ZNODE, b"written before the upgrade")
    cluster.wait_for_tasks(APP, place.tasks)
    before = show(cluster, place)

    step(4, f"pins changed in {DIRECTORY.name}/cdktf.json: {_said(new)}; what that will do")
    project.change(**new)
    if place.control:
        print("\n".join(f"    {line}".rstrip() for line in preview(project).splitlines()))
    else:
        project.diff(show=ALL)

    step(5, "cdktf deploy" + (" '*', with a client that writes to ZooKeeper all the time" if place.control else ""))
    if place.control:
        roll(project, cluster, place)
    else:
        project.deploy(show=PROGRESS)

    step(6, "what is still there")
    cluster.wait_until_serving(agents=agents)
    cluster.wait_for_tasks(APP, place.tasks)
    after = show(cluster, place)
    with cluster.zookeeper() as zookeeper:
        print(f"    znode      {ZNODE}: {zookeeper.get(ZNODE)[0].decode()}")
    if after != before:
        raise RuntimeError(f"a task or its agent is another than before: {before} -> {after}")
    print("    the same agent ids, tasks, containers and processes as before the upgrade")

    step(7, "and now")
    print(next_steps(cluster, place))


def _said(pins: Mapping[str, str]) -> str:
    names = {"zookeeper_version": "ZooKeeper", "mesos_version": "Mesos"}
    return ", ".join(f"{names[pin]} {version}" for pin, version in pins.items())


def step(number: int, what: str) -> None:
    """Say what comes."""
    print(f"\n[{number}/{STEPS}] {what}", flush=True)


def write_environment() -> None:
    """What a shell must have to run cdktf in the demo's directory."""
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
