"""A roll in a program of one's own: the order of its stacks, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import Machine, MesosMasterSet, Phase, Roll, ZookeeperEnsemble, hosts_of
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.roll import Batch, leaving_of
from tests.unit.role.own_role import Chronos

MESOS = "mesosphere/mesos-master:1.11.0"
MACHINES = [Machine(f"m{i}", f"10.0.0.{i}", f"ssh://ops@10.0.0.{i}") for i in (1, 2, 3)]


def ensemble(app: App, roll: Roll, waves: list[Batch]) -> None:
    zookeeper = ZookeeperEnsemble(app, "zookeeper", hosts=hosts_of(waves), image="zookeeper:3.9.4")
    roll.prepare(Phase(waves, [zookeeper]))


def after(stack: TerraformStack) -> list[str]:
    return [each.node.id for each in stack.dependencies]


def state(directory: Path, stack: str, machine: str) -> None:
    """A state with a container."""
    instances: list[dict[str, Any]] = [{"attributes": {"name": "zookeeper"}}]
    resource = {"type": "docker_container", "provider": f'provider["x/docker"].{machine}', "instances": instances}
    (directory / f"terraform.{stack}.tfstate").write_text(json.dumps({"resources": [resource]}))


def test_an_inserted_stack_has_its_place_in_the_chain(app: App) -> None:
    roll = Roll(app, "jobs")
    first = roll.wave("one", MACHINES[:1])
    own = TerraformStack(app, "own")
    roll.insert(own)
    second = roll.waves("two", MACHINES[1:2])[0][0]
    assert after(own) == [first.stack.node.id] == ["jobs-one-members"]
    assert after(second.stack) == ["jobs-two-m2-machine"]
    machine = app.node.find_child("jobs-two-m2-machine")
    assert isinstance(machine, TerraformStack)
    assert after(machine) == ["own"]


def test_machines_that_leave_come_first_one_by_one(app: App) -> None:
    leaving = [Machine(f"m{i}", f"10.0.0.{i}", f"ssh://ops@10.0.0.{i}", leaving=True) for i in (4, 5)]
    waves = Roll(app, "jobs").waves("control", [*MACHINES, *leaving], batch=3)
    assert [[machine.name for wave in batch for machine in wave.machines] for batch in waves] == [
        ["m4"],
        ["m5"],
        ["m1", "m2", "m3"],
    ]
    assert [host.address for host in leaving_of(waves)] == ["10.0.0.4", "10.0.0.5"]


def test_a_wave_that_is_in_no_phase_is_refused(app: App) -> None:
    roll = Roll(app, "jobs")
    waves = roll.waves("control", MACHINES)
    roll.wave("forgotten", MACHINES[:1])
    with pytest.raises(ValueError, match="Roll jobs: phases is invalid: 'jobs-forgotten-members'. Put this wave"):
        ensemble(app, roll, waves)


@pytest.mark.parametrize(("machines", "waited_for"), [(MACHINES, 0), (MACHINES[:1], 1)])
def test_a_master_waits_for_the_server_of_its_machine_only_where_there_is_no_other(
    app: App, machines: list[Machine], waited_for: int
) -> None:
    roll = Roll(app, "jobs")
    waves = roll.waves("control", machines)
    hosts = hosts_of(waves)
    zookeeper = ZookeeperEnsemble(app, "zookeeper", hosts=hosts, image="zookeeper:3.9.4")
    masters = MesosMasterSet(app, "masters", hosts=hosts, zookeeper=zookeeper, cluster="jobs", image=MESOS)
    roll.prepare(Phase(waves, [zookeeper, masters]))
    app.synth()
    for path in Path(app.outdir).glob("stacks/*-members/cdk.tf.json"):
        containers = json.loads(path.read_text())["resource"]["docker_container"]
        (master,) = (each for each in containers.values() if each["name"] == "masters")
        assert len(master.get("depends_on", [])) == waited_for


def test_a_machine_that_was_dropped_is_refused_while_its_members_run(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    state(tmp_path, "jobs-control-m9-members", "m9")
    roll = Roll(app, "jobs")
    with pytest.raises(
        ValueError, match="jobs: 'control-m9' is missing, but its members still run .* Put it back with leav"
    ):
        ensemble(app, roll, roll.waves("control", MACHINES))


def test_states_of_another_cluster_are_ignored(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state(tmp_path, "jobs-2-control-m9-members", "m9")
    roll = Roll(app, "jobs", phases=("control",))
    ensemble(app, roll, roll.waves("control", MACHINES))


@pytest.mark.parametrize("batch", [0, True, 1.5])
def test_an_invalid_batch_is_refused(app: App, batch: Any) -> None:
    with pytest.raises(ValueError, match="Roll jobs: batch is invalid: .*. Use a whole number, 1 or more"):
        Roll(app, "jobs").waves("control", MACHINES, batch=batch)


def many(app: App, count: int) -> tuple[Roll, list[Batch], ZookeeperEnsemble, MesosMasterSet, Chronos]:
    """An ensemble and masters on the first three machines, and a role whose members serve alone on all of them.

    The first three are rolled one after the other, all others at the same time.
    """
    roll = Roll(app, "jobs")
    others = [Machine(f"m{i}", f"10.0.0.{i}", f"ssh://ops@10.0.0.{i}") for i in range(4, count + 1)]
    waves = [*roll.waves("control", MACHINES), *([[roll.wave("others", others)]] if others else [])]
    zookeeper = ZookeeperEnsemble(app, "zookeeper", hosts=hosts_of(waves[:3]), image="zookeeper:3.9.4")
    masters = MesosMasterSet(
        app,
        "mesos",
        hosts=hosts_of(waves[:3]),
        zookeeper=zookeeper,
        cluster="jobs",
        image="mesosphere/mesos-master:1.11.0",
    )
    chronos = Chronos(app, "chronos", hosts=hosts_of(waves), masters=masters, image="mesos/chronos:3.0.2")
    return roll, waves, zookeeper, masters, chronos


def test_all_members_of_a_quorum_are_checked_but_only_near_ones_of_a_large_role(app: App) -> None:
    roll, waves, zookeeper, masters, chronos = many(app, 66)
    roll.prepare(Phase(waves[:3], [zookeeper, masters, chronos]), Phase(waves[3:], [chronos]))
    app.synth()
    document = json.loads((Path(app.outdir) / "stacks/jobs-control-m2-machine/cdk.tf.json").read_text())
    asks = document["resource"]["docker_container"]

    def asked(role: str) -> set[str]:
        words = asks[f"every_other_{role}_is_healthy"]["entrypoint"][3:]
        return {word for word in words if word.startswith("10.0.0.")}

    assert asked("zookeeper") == asked("master") == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    assert asked("chronos") == {"10.0.0.1", "10.0.0.2"}


def test_a_role_that_is_missing_from_the_phase_of_its_machines_is_refused(app: App) -> None:
    roll, waves, zookeeper, masters, _ = many(app, 3)
    message = "Roll jobs: phases is invalid: 'chronos'. Add this role to the phase of jobs-control-m1-members"
    with pytest.raises(ValueError, match=message):
        roll.prepare(Phase(waves, [zookeeper, masters]))


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (Machine("m4", "10.0.0.1", "ssh://ops@10.0.0.4"), "Machine m4: address is invalid: '10.0.0.1'. .* m1 has it"),
        (Machine("m4", "10.0.0.4", "ssh://ops@10.0.0.1"), "Machine m4: engine is invalid: 'ssh://ops@10.0.0.1'. Use"),
    ],
)
def test_two_machines_with_one_address_or_one_engine_are_refused(app: App, machine: Machine, message: str) -> None:
    roll = Roll(app, "jobs")
    control, more = roll.waves("control", MACHINES), roll.waves("more", [machine])
    zookeeper = ZookeeperEnsemble(app, "zookeeper", hosts=hosts_of(control), image="zookeeper:3.9.4")
    with pytest.raises(ValueError, match=message):
        roll.prepare(Phase(control, [zookeeper]), Phase(more, []))
