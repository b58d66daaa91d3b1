"""docs/monitoring: the real promtool checks the alerts, and everything there uses names of metrics that exist."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from sandbox.prometheus import program
from sandbox.stand_ins.mesos_exporter import metrics
from stacks import monitoring

DOCS = Path(__file__).parents[3] / "docs"
FOLDER = DOCS / "monitoring"
TESTS = Path(__file__).with_name("alerts_test.yml")

# What ZooKeeper 3.8.4 and 3.9.4 really gave, the leader and a follower (see docs/monitoring.md).
ZOOKEEPER = {
    *("synced_followers", "quorum_size", "outstanding_requests", "num_alive_connections", "avg_latency"),
    *("znode_count", "open_file_descriptor_count", "uptime"),
}
# Marathon's documentation, metrics: dots and dashes become underscores.
MARATHON = {
    *("marathon_apps_active_gauge", "marathon_deployments_active_gauge", "marathon_instances_running_gauge"),
    *("marathon_instances_staged_gauge", "marathon_leadership_duration_gauge_seconds"),
}
# Of Prometheus itself, and of node_exporter.
OTHERS = {"up", "node_filesystem_avail_bytes", "node_filesystem_size_bytes"}
KNOWN = {each.name for each in (*metrics.MASTER, *metrics.SLAVE)} | ZOOKEEPER | MARATHON | OTHERS


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool"), *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard_expressions() -> Iterator[str]:
    for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


def names_in(expression: str) -> set[str]:
    """The names of metrics: words that are not a function, a label, or in quotes."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\b(by|on|without|ignoring)\s*\([^)]*\)', " ", expression)
    words = set(re.findall(r"\b[a-z][a-z0-9_]*\b(?!\s*\()", re.sub(r"\[[^]]*\]", " ", bare)))
    return words - {"and", "or", "unless", "by", "on"}


def test_the_alerts_and_the_example_are_valid(tmp_path: Path) -> None:
    for name in ("alerts.yml", "prometheus.yml"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    (tmp_path / "targets.json").write_text("[]")
    done = promtool("check", "config", tmp_path / "prometheus.yml")
    assert done.returncode == 0, done.stderr + done.stdout
    assert f"{len(rules())} rules found" in done.stdout


def test_each_alert_fires_on_its_fault_and_none_on_a_cluster_that_is_well() -> None:
    done = promtool("test", "rules", TESTS)
    assert done.returncode == 0, done.stderr + done.stdout


def test_each_alert_has_a_test_in_which_it_fires() -> None:
    fired = {
        case["alertname"]
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for case in test.get("alert_rule_test", [])
        if case["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in rules()}


@pytest.mark.parametrize(
    ("well", "faulty"),
    [
        ("quorum_size - 1", "quorum_size"),
        ("(mesos_master_elected) != 1", "(mesos_master_elected) != 3"),
        (" and mesos_master_uptime_seconds > 0", ""),
        ("> 1 unless", "> 0 unless"),
        ("(mesos_registrar_log_recovered) / 2", "(mesos_registrar_log_recovered) / 9"),
    ],
)
def test_a_wrong_alert_is_found(tmp_path: Path, well: str, faulty: str) -> None:
    text = (FOLDER / "alerts.yml").read_text()
    assert text.count(well) == 1
    (tmp_path / "alerts.yml").write_text(text.replace(well, faulty))
    (tmp_path / TESTS.name).write_text(TESTS.read_text().replace("../../../docs/monitoring/", ""))
    assert promtool("test", "rules", tmp_path / TESTS.name).returncode != 0


def test_alerts_and_dashboard_use_only_metrics_that_exist() -> None:
    for expression in (*(rule["expr"] for rule in rules()), *dashboard_expressions()):
        assert names_in(expression) <= KNOWN, expression


def test_jobs_are_those_of_the_targets() -> None:
    text = "\n".join([*(rule["expr"] for rule in rules()), *dashboard_expressions()])
    used = {job for group in re.findall(r'job=~?"([^"]*)"', text) for job in group.split("|")}
    assert used == set(monitoring.JOBS)


def test_the_page_says_what_to_do_about_each_alert() -> None:
    rows = set(re.findall(r"^\| `([A-Z]\w+)` \|", (DOCS / "monitoring.md").read_text(), re.MULTILINE))
    assert rows == {rule["alert"] for rule in rules()}
