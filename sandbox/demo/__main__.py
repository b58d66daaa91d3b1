"""`python -m sandbox.demo` (`make demo`), and `python -m sandbox.demo down` (`make down`), which removes it all."""

from __future__ import annotations

import shlex
import sys
import time

from sandbox.demo import APP, DIRECTORY, MARATHON, TASK_IMAGE, ZOOKEEPER
from sandbox.demo.down import down
from sandbox.demo.engines import choose
from sandbox.demo.view import next_steps, show
from sandbox.live import LiveCluster
from sandbox.project import ALL, PROGRESS, ROOT, Project, environment, is_mirrored

ZNODE = "/demo"

# The pin that is changed: masters, agents and executors.
PIN = "mesos_version"
STEPS = 7


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
    step(1, "an engine")
    place = choose()
    print(f"    {place.said}")

    project = Project(
        DIRECTORY,
        name="demo",
        engine=place.engine,
        address=place.address,
        zookeeper_version=ZOOKEEPER,
        marathon_version=MARATHON,
        **{PIN: place.mesos[0]},
    )
    write_environment()

    step(2, f"cdktf deploy: ZooKeeper, a Mesos master and agent {place.mesos[0]}, Marathon")
    project.deploy(show=PROGRESS)
    cluster = LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=1)

    step(3, f"an app through Marathon: {TASK_IMAGE}, and a znode in ZooKeeper")
    if f"/{APP}" not in cluster.apps():
        cluster.run_app(APP, image=TASK_IMAGE, command="while true; do date; sleep 5; done")
    with cluster.zookeeper() as zookeeper:
        zookeeper.ensure_path(ZNODE)
        zookeeper.set(ZNODE, b"written before the upgrade")
    cluster.wait_for_tasks(APP)
    before = show(cluster, place)

    step(4, f"one pin changed in {DIRECTORY.name}/cdktf.json: {PIN} {place.mesos[0]} -> {place.mesos[1]}; cdktf diff")
    project.change(**{PIN: place.mesos[1]})
    project.diff(show=ALL)

    step(5, "cdktf deploy")
    project.deploy(show=PROGRESS)

    step(6, "what is still there")
    cluster.wait_until_serving(agents=1)
    cluster.wait_for_tasks(APP)
    after = show(cluster, place)
    with cluster.zookeeper() as zookeeper:
        print(f"    znode      {ZNODE}: {zookeeper.get(ZNODE)[0].decode()}")
    if after != before:
        raise RuntimeError(f"the task or its agent is another than before: {before} -> {after}")
    print("    the same agent id, the same task, the same container and process as before the upgrade")

    step(7, "and now")
    print(next_steps(cluster))


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
