"""The table of Marathon's flags. It follows Marathon's documentation, as the tests have no real Marathon."""

from __future__ import annotations

import pytest

from cdktf_mesos.image.release import parse_release
from cdktf_mesos.marathon.flags import _ROWS, RELEASES, RENAMED, why_not


@pytest.mark.parametrize(
    ("name", "last_without", "first_with"),
    [
        ("leader_proxy_read_timeout", "v0.8.2", "v0.9.0"),
        ("env_vars_prefix", "v0.9.2", "v0.10.1"),
        ("launch_tokens", "v0.10.1", "v0.11.1"),
        ("reporter_graphite", "v0.11.1", "v0.13.0"),
        ("task_lost_expunge_gc", "v0.14.2", "v0.15.4"),
        ("mesos_authentication_secret", "v1.1.1", "v1.2.0-RC1"),
        ("max_instances_per_offer", "v1.3.14", "v1.4.0-RC9"),
        ("backup_location", "v1.4.14", "v1.5.2"),
        ("maintenance_mode", "v1.5.15", "v1.6.322"),
        ("metrics_statsd", "v1.6.567", "v1.7.174"),
    ],
)
def test_a_flag_begins_with_the_release_that_added_it(name: str, last_without: str, first_with: str) -> None:
    assert (why_not(name, parse_release(last_without)) or "").startswith("This flag exists from ")
    assert why_not(name, parse_release(first_with)) is None


@pytest.mark.parametrize("name", ["event_subscriber", "http_endpoints", "max_tasks_per_offer", "artifact_store"])
def test_a_flag_ends_with_the_last_release_that_has_it(name: str) -> None:
    assert why_not(name, parse_release("v1.4.14")) is None
    assert (why_not(name, parse_release("v1.5.2")) or "").startswith("This flag exists up to 1.4,")


def test_the_new_name_of_a_renamed_flag_is_suggested() -> None:
    assert "Use 'max_instances_per_offer' instead" in str(why_not("max_tasks_per_offer", parse_release("v1.5.2")))


def test_a_flag_that_is_not_in_the_table_is_accepted() -> None:
    assert why_not("failover_timeout", parse_release("v0.8.2")) is None


def test_the_table_has_only_real_releases_and_each_flag_only_once() -> None:
    names = [name for row in _ROWS for name in row.names.split()]
    assert len(names) == len(set(names))
    assert {*RENAMED, *RENAMED.values()} <= set(names)
    for row in _ROWS:
        assert row.since in RELEASES
        assert row.until is None or (row.until in RELEASES and row.since <= row.until)
