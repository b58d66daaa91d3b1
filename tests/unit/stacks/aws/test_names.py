from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Place
from stacks import Aws, AwsPool
from stacks.aws.names import PlannedMachine, agents, batches, control_plane
from tests.unit.aws_app import ADMINS, KEY, ZONES

PLACES = [Place(f"subnet-{i}", zone, f"10.20.{16 * i}.0/20") for i, zone in enumerate(ZONES)]


def aws(**more: Any) -> Aws:
    settings = {"region": "eu-central-1", "zones": ZONES, "ssh_public_key": KEY, "admin_cidrs": ADMINS}
    return Aws(**{**settings, **more})


def unpooled(settings: Aws) -> list[PlannedMachine]:
    """The agents' machines of a cluster without pools, except those that have left."""
    ((pool, machines),) = agents(settings, PLACES)
    assert pool is None
    return [machine for machine in machines if not machine.left]


def test_machines_are_spread_over_the_zones_in_turn_at_known_addresses() -> None:
    five = control_plane(aws(control_plane=5), PLACES)
    assert [(each.name, each.place.zone[-1], each.address) for each in five] == [
        ("control-1", "a", "10.20.0.10"),
        ("control-2", "b", "10.20.16.10"),
        ("control-3", "c", "10.20.32.10"),
        ("control-4", "a", "10.20.0.11"),
        ("control-5", "b", "10.20.16.11"),
    ]
    assert [each.address for each in unpooled(aws())] == ["10.20.0.20", "10.20.16.20"]


def test_names_zones_and_addresses_stay_when_other_machines_come_or_leave() -> None:
    before = {each.name: each for each in unpooled(aws(agents=4))}
    after = {each.name: each for each in unpooled(aws(agents=6, left=["agent-1", "agent-3"]))}
    assert list(after) == ["agent-2", "agent-4", "agent-5", "agent-6"]
    assert {name: before[name] for name in ("agent-2", "agent-4")}.items() <= after.items()


def test_a_machine_has_its_given_address() -> None:
    (first, *others) = control_plane(aws(addresses={"control-1": "10.20.0.99"}), PLACES)
    assert first.address == "10.20.0.99"
    assert [each.address for each in others] == ["10.20.16.10", "10.20.32.10"]
    # The address of a machine that has left can be used again.
    again = unpooled(aws(agents=4, left=["agent-1"], addresses={"agent-4": "10.20.0.20"}))
    assert again[-1].address == "10.20.0.20"


def test_the_name_of_a_wave_has_the_numbers_that_its_agents_may_have() -> None:
    machines = unpooled(aws(agents=5, left=["agent-3", "agent-4"]))
    waves = {name: [each.number for each in batch] for name, batch in batches(machines, 2)}
    assert waves == {"0001-0002": [1, 2], "0005-0006": [5]}
    assert [name for name, _ in batches(machines, 1)] == ["0001", "0002", "0005"]


def test_machines_leave_the_control_plane_from_the_end() -> None:
    machines = control_plane(aws(control_plane=5, leaving=["control-4"], left=["control-5"]), PLACES)
    assert [(each.leaving, each.left) for each in machines] == [(False, False)] * 3 + [(True, False), (False, True)]


TINY = [Place("subnet-0", ZONES[0], "10.20.0.0/29")]
SMALL = [Place("subnet-0", ZONES[0], "10.20.0.0/28")]


@pytest.mark.parametrize(
    ("more", "places", "message"),
    [
        ({"control_plane": 2}, PLACES, "Aws: control_plane is invalid: 2. Use an odd number .* 1, 3 or 5, not 2"),
        ({"control_plane": 4, "leaving": ["control-4"]}, PLACES, None),
        (
            {"control_plane": 5, "leaving": ["control-5"]},
            PLACES,
            "Aws: control_plane is invalid: 5. Use an odd number.* not 4",
        ),
        ({"leaving": ["control-2"]}, PLACES, r"Aws: leaving is invalid: \['control-2'\]. Let only the last machines"),
        ({"leaving": ["control-2", "control-3"]}, PLACES, "Aws: leaving is invalid: .* so that 3 or more stay"),
        (
            {"leaving": ["control-9"]},
            PLACES,
            "Aws: leaving is invalid: 'control-9'. Use names of machines .*: control-",
        ),
        ({"leaving": ["bastion"]}, PLACES, "Aws: leaving is invalid: 'bastion'. Use names of machines"),
        ({"leaving": ["agent-1"], "left": ["agent-1"]}, PLACES, "Aws: leaving is invalid: 'agent-1'. Use names of"),
        ({"left": ["control-3"]}, PLACES, r"Aws: leaving is invalid: \['control-3'\]. Let only the last machines"),
        ({"left": ["bastion"]}, PLACES, "Aws: left is invalid: 'bastion'. Use names of machines"),
        ({"addresses": {"agent-3": "10.20.0.9"}}, PLACES, "Aws: addresses is invalid: 'agent-3'. Use names of"),
        ({"generations": {"master-1": 2}}, PLACES, "Aws: generations is invalid: 'master-1'. Use names .*control-1"),
        (
            {"addresses": {"control-1": "10.20.0.3"}},
            PLACES,
            r"addresses\['control-1'\] is invalid: '10.20.0.3'. .*first four",
        ),
        ({"addresses": {"control-1": "10.20.15.255"}}, PLACES, r"addresses\['control-1'\] is invalid: .* and the last"),
        ({"addresses": {"control-1": "10.20.16.9"}}, PLACES, r"an address from 10.20.0.4 to 10.20.15.254"),
        (
            {"addresses": {"control-1": "ten"}},
            PLACES,
            r"addresses\['control-1'\] is invalid: 'ten'. Use an address from",
        ),
        (
            {"addresses": {"agent-1": "10.20.0.10"}},
            PLACES,
            r"Aws: addresses\['agent-1'\] is invalid: '10.20.0.10'. Use another address, .* control-1 has this one",
        ),
        (
            {"control_plane": 5},
            TINY,
            r"control_plane is invalid: 5. Use fewer, a larger subnet in eu-central-1a, or set addresses\[",
        ),
        ({"control_plane": 1}, SMALL, "Aws: agents is invalid: 2. Use fewer, .* agent-1 would have number 20 of 10.20"),
    ],
)
def test_invalid_machines_are_refused(more: dict[str, Any], places: list[Place], message: str | None) -> None:
    if message is None:
        assert control_plane(aws(**more), places)
        return
    with pytest.raises(ValueError, match=message):
        assert control_plane(aws(**more), places) and agents(aws(**more), places) is None


def test_a_pool_has_its_own_machines_which_leave_like_others() -> None:
    pools = [AwsPool(name="canary", agents=4, first=200), AwsPool(name="gpu", agents=1, first=300)]
    settings = aws(left=["canary-1"], leaving=["canary-4"], addresses={"gpu-1": "10.20.0.9"}, pools=pools)
    found = agents(settings, PLACES)
    there = [(pool, [each for each in made if not each.left]) for pool, made in found]
    assert [(pool and pool.name, [(each.name, each.address) for each in made]) for pool, made in there] == [
        ("canary", [("canary-2", "10.20.16.200"), ("canary-3", "10.20.32.200"), ("canary-4", "10.20.0.201")]),
        ("gpu", [("gpu-1", "10.20.0.9")]),
        (None, [("agent-1", "10.20.0.20"), ("agent-2", "10.20.16.20")]),
    ]
    (canary, machines), *_ = found
    assert [name for name, _ in batches(machines, 2, canary)] == ["canary-0001-0002", "canary-0003-0004"]


@pytest.mark.parametrize(
    ("pool", "places", "message"),
    [
        (
            AwsPool(name="canary", agents=1, first=20),
            PLACES,
            r"addresses\['agent-1'\] is invalid: '10.20.0.20'. .* canary-1 has this one",
        ),
        (
            AwsPool(name="canary", agents=1, first=10),
            PLACES,
            r"addresses\['canary-1'\] is invalid: .*first for its pool: control-1 has",
        ),
        (
            AwsPool(name="canary", agents=1, first=5000),
            PLACES,
            "Pool canary: agents is invalid: 1. Use fewer, a larger subnet .* number 5000",
        ),
        (
            AwsPool(name="canary", agents=1, first=3),
            PLACES,
            r"addresses\['canary-1'\] is invalid: '10.20.0.3'. .*first four",
        ),
    ],
)
def test_a_pool_with_addresses_of_other_machines_is_refused(pool: AwsPool, places: list[Place], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agents(aws(pools=[pool]), places)
