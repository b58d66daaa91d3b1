from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.operations.output import plain
from cdktf_mesos.operations.preview.changes import Change, read_changes
from cdktf_mesos.operations.preview.plans import Plan
from cdktf_mesos.operations.preview.report import Report
from cdktf_mesos.operations.preview.table import table
from cdktf_mesos.operations.synthesis import Stack

OLD = {"name": "prod-master", "image": "mesosphere/mesos-master:1.9.0", "env": ["A=1"], "labels": [], "must_run": True}


def stack(name: str = "prod", step: int = 1, **document: Any) -> Stack:
    provider = {"docker": [{"alias": "c1", "host": "ssh://ops@10.0.0.11"}]}
    return Stack(name, step, Path(), [], {"provider": provider, **document})


def resource(
    actions: list[str], before: Any, after: Any, kind: str = "docker_container", **more: Any
) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, **more.pop("change", {})}
    return {"address": f"{kind}.one", "type": kind, "mode": "managed", "change": change, **more}


def read(*resources: dict[str, Any], drift: Any = (), **plan: Any) -> list[Change]:
    document = {"resource_changes": list(resources), "resource_drift": list(drift), **plan}
    return read_changes(stack(), Plan(document))


def replaced(after: dict[str, Any], *paths: str, **more: Any) -> Change:
    change = {"replace_paths": [[path] for path in paths]}
    (one,) = read(resource(["delete", "create"], OLD, {**OLD, **after}, change=change, **more))
    return one


def report(*resources: dict[str, Any], drift: Any = ()) -> Report:
    return Report.of([stack()], [Plan({"resource_changes": list(resources), "resource_drift": list(drift)})])


def test_a_pin_explains_what_it_replaces() -> None:
    change = replaced({"image": "mesosphere/mesos-master:1.10.0", "env": ["A=2"]}, "image", "env")
    assert (change.action, change.repinned, change.unexplained) == ("replace", True, False)
    assert (change.name, change.host, change.attributes) == ("prod-master", "c1", ("env (A)",))


def test_environment_and_labels_without_a_pin_do_not_and_are_told_by_name_alone() -> None:
    labels = [{"label": "team", "value": "secret"}]
    change = replaced({"env": ["A=1", "B=secret"], "labels": labels}, "env", "labels")
    assert change.unexplained
    assert change.attributes == ("env (B)", "labels (team)")


def test_what_only_a_running_container_has_is_no_change() -> None:
    before = {**OLD, "memory": 0, "dns": [], "working_dir": "/zookeeper", "id": "c0ffee"}
    after = {**OLD, "memory": None, "dns": None, "working_dir": None, "image": "mesosphere/mesos-master:1.10.0"}
    (change,) = read(resource(["delete", "create"], before, after, change={"after_unknown": {"id": True}}))
    assert change.attributes == ()


def test_what_the_engine_or_the_provider_adds_is_no_change() -> None:
    before = {
        "image": "a:1",
        "log_opts": {"max-size": "10m", "labels": "site"},
        "mounts": [{"source": "/data", "bind_options": [{"propagation": "rshared"}], "tmpfs_options": []}],
    }
    after = {
        "image": "a:2",
        "log_opts": {"max-size": "10m"},
        "mounts": [{"source": "/data", "bind_options": [{"propagation": "rshared"}], "read_only": None}],
    }
    (change,) = read(resource(["delete", "create"], before, after))
    assert change.attributes == ()


def test_a_change_in_place_needs_no_pin() -> None:
    (change,) = read(resource(["update"], {**OLD, "wait_timeout": 60}, {**OLD, "wait_timeout": 120}))
    assert (change.action, change.attributes, change.unexplained) == ("update", ("wait_timeout",), False)


def test_a_container_that_was_stopped_says_so() -> None:
    (change,) = read(resource(["update"], {**OLD, "must_run": False}, OLD))
    assert change.cause == "stopped"


def test_a_container_that_is_gone_is_a_warning_though_it_is_only_created() -> None:
    drift = [resource(["delete"], OLD, None)]
    after = {**OLD, "image": "mesosphere/mesos-master:1.10.0"}
    (change,) = read(resource(["create"], None, after), drift=drift)
    assert (change.action, change.cause, change.unexplained) == ("create", "gone", True)
    (text,) = report(resource(["create"], None, after), drift=drift).warnings
    assert text.startswith("prod: prod-master on c1 is gone (removed by hand, or its engine is another)")


def test_a_new_container_is_no_warning() -> None:
    (change,) = read(resource(["create"], None, OLD))
    assert (change.action, change.after, change.unexplained) == ("create", "mesosphere/mesos-master:1.9.0", False)


def test_a_container_that_leaves_the_program_is_a_warning() -> None:
    assert report(resource(["delete"], OLD, None)).warnings == [
        "prod: prod-master on c1 is destroyed, as it is no longer in the program"
    ]


def test_a_container_whose_last_start_failed_is_a_warning_unless_the_pin_is_put_back() -> None:
    tainted = {"action_reason": "replace_because_tainted"}
    assert replaced({}, **tainted).unexplained
    assert not replaced({"image": "mesosphere/mesos-master:1.8.1"}, "image", **tainted).unexplained
    (text,) = report(resource(["delete", "create"], OLD, OLD, **tainted)).warnings
    assert text == "prod: prod-master on c1 is replaced though its pin stays: its last start failed"


def test_a_preflight_is_replaced_on_purpose() -> None:
    before, after = ({**OLD, "labels": [{"label": "cdktf-mesos.of", "value": value}]} for value in "ab")
    (change,) = read(resource(["delete", "create"], before, after, change={"replace_paths": [["labels"]]}))
    assert (change.kind, change.unexplained) == ("preflight", False)


def test_images_stay_on_the_host() -> None:
    image = {"name": "zookeeper:3.9.4", "keep_locally": True}
    assert [change.action for change in read(resource(["delete"], image, None, "docker_image"))] == ["forget"]
    assert not report(resource(["delete"], image, None, "docker_image")).warnings


def test_other_resources_count_too() -> None:
    (text,) = report(resource(["delete", "create"], {"ami": "a"}, {"ami": "b"}, "aws_instance")).warnings
    assert text == "prod: aws_instance.one is replaced and no pin explains it: ami"


def test_data_sources_do_not() -> None:
    assert read({**resource(["read"], None, {}), "mode": "data"}) == []


def test_outputs_are_changes_as_for_terraform() -> None:
    changes = read(output_changes={"urls": {"actions": ["update"]}, "same": {"actions": ["no-op"]}})
    assert [(change.name, change.action) for change in changes] == [("same", "none"), ("urls", "update")]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("zookeeper:3.8.4", "zookeeper:3.9.4", "3.8.4 → 3.9.4"),
        ("r:5000/zookeeper:3.8.4", "zookeeper:3.8.4", "r:5000/zookeeper:3.8.4 → zookeeper:3.8.4"),
        ("zookeeper:3.8.4", f"zookeeper@sha256:{'0' * 64}", "3.8.4 → sha256:000000000000"),
    ],
)
def test_a_row_says_from_which_version_to_which(before: str, after: str, text: str) -> None:
    change = resource(["delete", "create"], {**OLD, "image": before}, {**OLD, "image": after})
    rows = plain(table(report(change))).splitlines()
    assert rows[1] == f"prod  c1    prod-master  {text}  replace"


def test_exit_codes_are_terraforms() -> None:
    same, changed = resource(["no-op"], OLD, OLD), resource(["create"], None, OLD)
    codes = [report(one).exit_code(detailed=detailed) for one, detailed in itertools.product((same, changed), (0, 1))]
    assert codes == [0, 0, 0, 2]


def test_a_stack_that_cannot_be_planned_hides_no_other_and_fails_at_the_end() -> None:
    whole = Report.of(
        [stack("prod-1-control-c1"), stack("prod-2-agent-a1", 2)],
        [Plan(error="ssh: no route"), Plan({"resource_changes": [resource(["create"], None, OLD)]})],
    )
    text = plain(table(whole))
    assert "cannot be planned: ssh: no route" in text and "prod-2-agent-a1" in text
    assert "1 to create" in text and "1 stack cannot be planned" in text
    assert (whole.exit_code(detailed=True), whole.as_json()["complete"], whole.as_json()["changed"]) == (1, False, True)


def test_a_gate_does_not_ask_first_and_is_no_member() -> None:
    label = [{"label": "cdktf-mesos.of", "value": "1.10.0"}]
    gate = {"name": "prod-master-gate", "image": "debian:12-slim", "labels": label}
    text = plain(table(report(resource(["delete", "create"], gate, gate))))
    assert "asks first" not in text
    assert "asks whether it serves: prod-master-gate" in text
    blocks = {"one": {"name": "prod-master"}, "two": gate}
    assert stack(resource={"docker_container": blocks}).containers() == ["prod-master"]


def test_a_backup_before_a_roll_is_told_apart_from_checks() -> None:
    label = [{"label": "cdktf-mesos.of", "value": "3.9.4 abc"}]
    step = {"name": "prod-preflight-backup", "image": "zookeeper:3.9.4", "labels": label}
    address = "docker_container.zookeeper_is_backed_up"
    text = plain(table(report(resource(["delete", "create"], step, step, address=address))))
    assert "makes a backup first" in text
    assert "asks first" not in text


WATCH = {
    "name": "prod-marathon-app.shop",
    "image": "mesosphere/marathon:v1.11.24",
    "labels": [{"label": "cdktf-mesos.app", "value": "c0ffee"}],
    "must_run": False,
}
SHOP = {"triggers_replace": {"app": {"id": "/shop", "instances": 2}}}


def test_an_app_that_was_changed_by_hand_is_shown_with_its_watch() -> None:
    changes = read(
        resource(["update"], WATCH, {**WATCH, "must_run": True}),
        resource(["delete", "create"], SHOP, SHOP, kind="terraform_data", action_reason="replace_by_triggers"),
    )
    assert [(each.kind, each.name, each.action, each.cause, each.unexplained) for each in changes] == [
        ("app", "/shop", "replace", None, False),
        ("app", "prod-marathon-app.shop", "update", "stopped", False),
    ]
    rows = plain(
        table(
            report(
                resource(["update"], WATCH, {**WATCH, "must_run": True}),
                resource(["delete", "create"], SHOP, SHOP, kind="terraform_data"),
            )
        )
    )
    assert "prod-marathon-app.shop" in rows and "is stopped" in rows and "/shop" in rows


def test_other_data_of_terraform_is_no_app() -> None:
    (change,) = read(resource(["create"], None, {"triggers_replace": {"instance": "i-1"}}, kind="terraform_data"))
    assert (change.kind, change.name) == ("other", "terraform_data.one")
