"""A control-plane machine is lost for good: another one takes its place, with the same name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.hosts import Host
from sandbox.live import eventually
from sandbox.project import Project
from sandbox.static import containers, entries, live, removed_afterwards, run_tasks, static_project, tasks
from sandbox.watch import Writer, master_state, zookeeper_state
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def agents(machines: list[Host]) -> list[Host]:
    return machines[4:5]


@pytest.fixture(scope="module")
def spare(machines: list[Host]) -> Host:
    return machines[5]


@pytest.fixture
def site(
    control: list[Host], agents: list[Host], spare: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    project = static_project(tmp_path_factory.mktemp("lost"), "lost", control, agents, **PINS)
    with removed_afterwards(project, [*control, spare], agents):
        project.deploy()
        yield project
        # Remove the lost machine's containers here, because the program does not know them any more. The old ZooKeeper
        # server must not run at the same time as the new one.
        live(project, control).delete_app("web")
        eventually(lambda: not tasks(agents), "end of the app's tasks")
        control[1].power_on()
        control[1].run("sh", "-c", "docker rm -f $(docker ps -aq --filter name=^/lost-)")


def test_a_new_machine_takes_the_place_of_a_lost_one_and_gets_its_data_from_the_others(
    site: Project, control: list[Host], agents: list[Host], spare: Host
) -> None:
    cluster = run_tasks(live(site, control), agents)
    before, ids = tasks(agents), cluster.agent_ids()
    lost, kept = control[1], [control[0], control[2]]
    with Writer(",".join(f"{host.address}:2181" for host in [*control, spare]), "/writer") as writer:
        moved = {**entries([spare])[0], "name": lost.name}
        site.change(platform={"control_plane": [*entries([control[0]]), moved, *entries([control[2]])]})
        own = [f"lost-1-control-{lost.name}-*", "--ignore-missing-stack-dependencies", "--parallelism", "1"]

        # Refused, because the machine that is to be replaced still serves.
        code, output = site.cdktf("deploy", *own, "--auto-approve")
        assert code != 0
        assert f"({lost.name}/lost-preflight-zookeeper)" in output[output.index("Error:") :]
        assert not containers(site, [spare])
        lost.power_off()
        others = containers(site, [*kept, *agents])

        # Refused, because the set can lose the first machine only when the new one serves.
        code, output = site.cdktf("deploy", "*", "--auto-approve")
        assert code != 0
        assert f"({control[0].name}/lost-preflight-zookeeper)" in output[output.index("Error:") :]
        assert containers(site, [*kept, *agents]) == others

        code, output = site.cdktf("deploy", *own, "--auto-approve")
        assert code == 0, output[-3000:]
        site.deploy()
        cluster.wait_until_serving(agents=len(agents))
    assert len(writer.acknowledged) > 100
    assert writer.lost() == set()
    assert tasks(agents) == before
    assert cluster.agent_ids() == ids
    assert serving(control[0], spare, control[2]) == {"follower", "leader"}
    assert len(containers(site, [spare])) == 3


def serving(*machines: Host) -> set[str]:
    """The states that the ZooKeeper servers and masters of these hosts report."""
    return {ask(machine.address) for machine in machines for ask in (zookeeper_state, master_state)}
