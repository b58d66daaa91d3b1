"""Machines fail before or during a roll: the deploy ends or waits, nothing gets lost, and another deploy repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.process import run
from sandbox.static import removed_afterwards, static_project
from tests.e2e.conftest import PINS
from tests.e2e.faults import Outcome, Site, nothing_lost, replaced_or_gone


@pytest.fixture(scope="module")
def deployed(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A cluster on five machines, deployed from nothing."""
    project = static_project(tmp_path_factory.mktemp("machines"), "machines", control, agents, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield Site(project, control, agents)


@pytest.fixture
def site(deployed: Site) -> Iterator[Site]:
    """The cluster, healthy, with a pending change that replaces all masters and agents; repaired afterwards."""
    options = deployed.control[0].ssh_opts
    deployed.serving()
    deployed.change()
    yield deployed
    deployed.end_faults()
    deployed.change_back()
    deployed.project.change(platform={"ssh_options": options})
    deployed.project.deploy()
    deployed.serving()


@pytest.fixture
def outcomes(measured: Callable[[str], None]) -> Iterator[list[Outcome]]:
    """A list for the outcomes of a test's deploys; they are recorded as measurements: errors and seconds."""
    outcomes: list[Outcome] = []
    yield outcomes
    for each in outcomes:
        measured(f"exit code {each.code} after {each.seconds:.0f} s{': ' + each.text[:200] if each.code else ''}")


@pytest.mark.full
def test_a_roll_does_not_begin_while_a_control_machine_is_cut_off(site: Site, outcomes: list[Outcome]) -> None:
    cut = site.control[-1]
    before = site.containers()
    with nothing_lost(site):
        cut.partition()
        unplanned = site.preview(60)
        outcome = site.deploy()
        after = site.containers()
        cut.heal()
    outcomes.append(outcome)
    assert outcome.code != 0
    assert "every_other_" in outcome.text
    assert after == before
    assert {cut.name in stack for stack in unplanned} == {True}
    assert all(f"{cut.ssh_engine} cannot be reached" in error for error in unplanned.values())


@pytest.mark.full
def test_a_roll_stops_at_an_agent_that_is_cut_off(site: Site, outcomes: list[Outcome]) -> None:
    cut = site.agents[-1]
    before = site.containers()
    with nothing_lost(site):
        cut.partition()
        outcome = site.deploy()
        after = site.containers()
        cut.heal()
        outcomes += [outcome, site.deploy()]
    assert outcome.code != 0
    assert f"{cut.ssh_engine} is reachable" in outcome.text
    masters = {(host.name, site.member("master")) for host in site.control}
    assert replaced_or_gone(before, after) == masters | {(site.agents[0].name, site.member("agent-1"))}
    assert outcomes[-1].code == 0


@pytest.mark.full
def test_a_control_machine_that_loses_power_in_its_turn_stops_the_roll(site: Site, outcomes: list[Outcome]) -> None:
    lost = site.control[1]
    before = site.containers()
    with nothing_lost(site):
        with site.deploying() as deploy:
            deploy.wait_for_turn(lost, site.member("master"))
            lost.power_off()
            outcome = deploy.outcome()
        after = site.containers()
        lost.power_on()
        outcomes += [outcome, site.deploy_again()]
    assert outcome.code != 0
    assert {name for name, _ in replaced_or_gone(before, after)} <= {site.control[0].name, lost.name}
    assert outcomes[-1].code == 0, outcomes[-1].text


@pytest.mark.full
def test_an_agents_machine_that_loses_power_in_its_turn_stops_the_roll(site: Site, outcomes: list[Outcome]) -> None:
    lost, after_it = site.agents
    before = site.containers()
    # The tasks on the machine have ended with its power; those on the other one must keep running.
    with nothing_lost(site, spared=[after_it]):
        with site.deploying() as deploy:
            deploy.wait_for_turn(lost, site.member("agent-1"))
            lost.power_off()
            outcome = deploy.outcome()
        after = site.containers()
        lost.power_on()
        outcomes += [outcome, site.deploy_again()]
    assert outcome.code != 0
    assert (after_it.name, site.member("agent-1")) not in replaced_or_gone(before, after)
    assert outcomes[-1].code == 0, outcomes[-1].text


@pytest.mark.full
def test_a_restart_of_the_engine_after_its_turn_loses_nothing(site: Site, outcomes: list[Outcome]) -> None:
    past, turn = site.control[0], site.control[1]
    with nothing_lost(site):
        with site.deploying() as deploy:
            deploy.wait_for_turn(turn, site.member("master"))
            past.engine_stop()
            past.engine_start()
            outcomes.append(deploy.outcome())
        if outcomes[-1].code:
            outcomes.append(site.deploy())
    assert outcomes[-1].code == 0, outcomes[-1].text


@pytest.mark.full
def test_a_restart_of_the_engine_in_its_turn_loses_nothing(site: Site, outcomes: list[Outcome]) -> None:
    turn = site.control[1]
    before = site.containers()
    with nothing_lost(site):
        with site.deploying() as deploy:
            deploy.wait_for_turn(turn, site.member("master"))
            turn.engine_stop()
            turn.engine_start()
            outcomes.append(deploy.outcome())
        after = site.containers()
        if outcomes[-1].code:
            assert replaced_or_gone(before, after) <= {(host.name, site.member("master")) for host in site.control[:2]}
            outcomes.append(site.deploy_again())
    assert outcomes[-1].code == 0, outcomes[-1].text


@pytest.mark.full
def test_an_engine_that_hangs_in_its_turn_only_delays_the_roll(site: Site, outcomes: list[Outcome]) -> None:
    turn = site.control[1]
    with nothing_lost(site), site.deploying() as deploy:
        deploy.wait_for_turn(turn, site.member("master"))
        turn.engine_hang()
        unplanned = site.preview(20)
        turn.engine_resume()
        outcomes.append(deploy.outcome())
    assert outcomes[-1].code == 0, outcomes[-1].text
    assert {turn.name in stack for stack in unplanned} == {True}


@pytest.mark.full
def test_a_full_disk_stops_a_roll_before_any_change(site: Site, outcomes: list[Outcome]) -> None:
    full = site.control[-1]
    before = site.containers()
    with nothing_lost(site):
        full.disk_full()
        outcomes.append(site.deploy())
        after = site.containers()
        full.disk_free()
        outcomes.append(site.deploy())
    assert "every_other_zookeeper_is_healthy" in outcomes[0].text
    assert replaced_or_gone(before, after) == set()
    assert outcomes[-1].code == 0, outcomes[-1].text


@pytest.mark.full
def test_a_deploy_with_a_wrong_key_changes_nothing(site: Site, tmp_path: Path, outcomes: list[Outcome]) -> None:
    key = tmp_path / "key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    _, _, *options = site.control[0].ssh_opts  # the first two words name the right key
    _is_refused(site, ["-i", str(key), *options], "Permission denied (publickey", outcomes)


@pytest.mark.full
def test_a_deploy_with_an_unknown_host_key_changes_nothing(site: Site, tmp_path: Path, outcomes: list[Outcome]) -> None:
    options = ["-o", f"UserKnownHostsFile={tmp_path / 'none'}", *site.control[0].ssh_opts]
    _is_refused(site, options, "Host key verification failed", outcomes)


def _is_refused(site: Site, options: list[str], reason: str, outcomes: list[Outcome]) -> None:
    before = site.containers()
    # ControlPath=none: an open shared connection would be used without checking the key again.
    site.project.change(platform={"ssh_options": ["-o", "ControlPath=none", *options]})
    with nothing_lost(site):
        outcomes.append(site.deploy())
    assert outcomes[-1].code != 0
    assert f"{site.control[0].ssh_engine} is reachable" in outcomes[-1].text
    assert reason in outcomes[-1].text
    assert site.containers() == before
