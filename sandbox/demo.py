"""The product's main job, shown from nothing: deploy a cluster, run an app on it, change a pin, lose nothing.

`python -m sandbox.demo` (`make demo`), and `python -m sandbox.demo down` (`make down`), which removes it all.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time

from docker.models.containers import Container

from sandbox import engines, hosts, images, machine, paths, provider
from sandbox.live import LiveCluster
from sandbox.project import ALL, PROGRESS, ROOT, Project, environment

DIRECTORY = ROOT / ".demo"
APP, TASK_IMAGE = "hello", "busybox:1.35.0"
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
        zookeeper_version="3.9.4",
        marathon_version="v1.11.24",
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


def choose() -> engines.Place:
    """The machine's own engine where it will do, else a host of the sandbox.

    Raises:
        RuntimeError: neither can be had; with both reasons.
    """
    own = engines.own()
    if isinstance(own, engines.Place):
        return own
    reason = machine.unavailable()
    if reason:
        raise RuntimeError(f"neither this machine's own engine ({own}) nor a sandbox ({reason}) can be used")
    images.ensure(
        ["zookeeper:3.9.4", "mesosphere/marathon:v1.11.24", TASK_IMAGE, *engines.mesos_images(engines.SANDBOX)]
    )
    (host,) = hosts.up(1)
    said = f"a host of the sandbox, {host.name} at {host.address}, as this machine's own engine will not do: {own}"
    return engines.Place(host.engine, host.address, engines.SANDBOX, said)


def show(cluster: LiveCluster, place: engines.Place) -> tuple[str, ...]:
    """Print the app as Marathon, the master and the engine see it; returns what must not change."""
    app = cluster.apps()[f"/{APP}"]
    (task,) = cluster.tasks(APP)
    (agent,) = cluster.state()["slaves"]
    container = task_container(place, task["id"])
    process = str(container.attrs["State"]["Pid"])
    print(f"    Marathon   {app['id']}: {app['tasksRunning']} of {app['instances']} running")
    print(f"    master     task {task['id']}: {task['state']} on agent {agent['id']}, Mesos {agent['version']}")
    print(
        f"    container  {container.name}: {container.status}, process {process}, {container.attrs['Config']['Image']}"
    )
    print(f"    its output {container.logs(tail=1).decode().strip()}")
    return agent["id"], task["id"], str(container.id), process


def task_container(place: engines.Place, task: str) -> Container:
    """The container of a task; Mesos tells it its task's id."""
    client = place.client()
    for container in client.containers.list():
        if f"MESOS_TASK_ID={task}" in container.attrs["Config"]["Env"]:
            return container
    raise RuntimeError(f"no container of task {task} at {place.engine}")


def next_steps(cluster: LiveCluster) -> str:
    """Where to look and what to try."""
    return f"""\
    Marathon   {cluster.marathon}/v2/apps
    master     {cluster.master}/state
    agent      {cluster.agents[0]}/state
    ZooKeeper  {cluster.zookeeper_connect_string}

    cd {DIRECTORY.name} && . ./env      for cdktf by hand: change a pin in cdktf.json, then
    cdktf diff, cdktf deploy         for instance "zookeeper_version": "3.8.4", or "mesos_version": "1.11.1-rc1",
                                     a release candidate that never gets healthy (sandbox only)
    make status                      what the sandbox runs
    make down                        removes all of it"""


def write_environment() -> None:
    """What a shell must have to run cdktf in the demo's directory."""
    wanted = environment()
    names = ("TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION")
    path = f"{ROOT}/node_modules/.bin:{ROOT}/.venv/bin:$PATH"
    lines = [f"export {name}={shlex.quote(wanted[name])}" for name in names]
    lines.append(f'export PATH="{path}"')
    if provider.is_mirrored():
        lines.append(
            'cdktf() { case $1 in deploy|diff|destroy) set -- "$@" --skip-provider-lock;; esac; command cdktf "$@"; }'
        )
    (DIRECTORY / "env").write_text("\n".join([*lines, ""]))


def down() -> None:
    """Remove the demo, and the sandbox if it is one's."""
    settings = DIRECTORY / "cdktf.json"
    if settings.exists():
        cluster = json.loads(settings.read_text())["context"]["cluster"]
        if not cluster["engine"].startswith(f"unix://{paths.state()}"):
            project = Project(DIRECTORY, **cluster)
            LiveCluster(project.outputs()).delete_app(APP)
            project.destroy(show=PROGRESS)
            print(f"    the cluster's data stays in /var/lib/cdktf-mesos/{project.name}")
    hosts.down()
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def step(number: int, what: str) -> None:
    """Say what comes."""
    print(f"\n[{number}/{STEPS}] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
