from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sandbox import lock
from sandbox.ec2 import inventory, server
from sandbox.ec2.inventory import Instance
from sandbox.ec2.journal import Journal
from sandbox.ec2.steps import Step, due


class Api:
    """A fake of boto3's EC2 client."""

    def describe_instances(self) -> object:
        host = {
            "InstanceId": "i-1",
            "State": {"Name": "running"},
            "PrivateIpAddress": "10.213.7.50",
            "KeyName": "key",
            "RootDeviceName": "/dev/xvda",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-root"}},
                {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-data"}},
            ],
        }
        elsewhere = {**host, "InstanceId": "i-2", "PrivateIpAddress": "10.0.0.1"}
        gone = {"InstanceId": "i-3", "State": {"Name": "terminated"}}
        return {"Reservations": [{"Instances": [host, elsewhere]}, {"Instances": [gone]}]}

    def describe_addresses(self) -> object:
        used = {"PublicIp": "127.1.2.3", "PrivateIpAddress": "10.213.7.50"}
        return {"Addresses": [used, {"PublicIp": "127.1.2.4"}]}


def here(**states: str) -> list[Instance]:
    return [Instance(name, state.replace("_", "-"), "hs40") for name, state in states.items()]


@pytest.mark.parametrize(
    ("current", "is_on", "instances", "step"),
    [
        (None, False, here(), Step.NOTHING),
        (None, False, here(a="pending"), Step.NOTHING),
        (None, False, here(a="running"), Step.BOOT),
        ("a", True, here(a="running"), Step.NOTHING),
        ("a", True, here(a="stopping"), Step.STOP),
        ("a", True, here(a="stopped"), Step.STOP),
        ("a", False, here(a="stopped"), Step.NOTHING),
        ("a", False, here(a="pending"), Step.NOTHING),
        ("a", False, here(a="running"), Step.START),
        ("a", True, here(a="shutting_down"), Step.END),
        ("a", True, here(a="terminated"), Step.END),
        ("a", True, here(), Step.END),
        ("a", True, here(a="terminated", b="running"), Step.END),
        ("a", False, here(a="terminated", b="running"), Step.BOOT),
        ("a", False, here(a="terminated"), Step.NOTHING),
    ],
)
def test_a_machine_follows_its_instance(
    current: str | None, is_on: bool, instances: list[Instance], step: Step
) -> None:
    assert due(current, is_on, instances) is step


def test_only_instances_at_the_address_of_a_host_count() -> None:
    assert inventory.instances(Api()) == [Instance("i-1", "running", "hs40", "key", ("vol-data",))]
    assert inventory.public_addresses(Api()) == {"127.1.2.3": "10.213.7.50"}


def test_the_environment_directs_every_aws_program_to_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost")
    found = server.API.environment("eu-central-1")
    assert found["AWS_ENDPOINT_URL"] == "http://10.213.7.1:5001"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert found["NO_PROXY"] == "localhost,10.213.7.1"


def test_a_repeated_failure_is_logged_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log")
    for text in ("boots", "no engine", "no engine"):
        (journal.fail if text.startswith("no") else journal.note)(text)
    assert journal.failures == ["no engine"]
    assert [line[9:] for line in journal.log.read_text().splitlines()] == ["boots", "FAILED no engine"]


def test_the_lock_is_held_by_one_thread_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    entered = threading.Event()

    def enter() -> None:
        with lock.held():
            entered.set()

    with lock.held(), lock.held():
        other = threading.Thread(target=enter)
        other.start()
        assert not entered.wait(0.2)
    other.join(timeout=5)
    assert entered.is_set()
