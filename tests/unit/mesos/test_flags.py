"""The table of Mesos's flags, for those that matter most. tests/e2e/test_flags.py compares it with real programs."""

from __future__ import annotations

import pytest

from cdktf_mesos.image.release import Release, parse_release
from cdktf_mesos.mesos.flags import MINORS, RENAMED, Program, flags, hint


def has(program: Program, name: str, tag: str) -> bool:
    return name in flags(program, parse_release(tag))


@pytest.mark.parametrize(
    ("program", "name", "last_without", "first_with"),
    [
        ("agent", "docker_mesos_image", "0.22.1-1.0.ubuntu1404", "0.23.0-1.0.ubuntu1404"),
        ("agent", "docker_socket", "0.22.2", "0.23.0"),
        ("master", "max_slave_ping_timeouts", "0.22.2", "0.23.0"),
        ("master", "advertise_ip", "0.23.1", "0.24.0"),
        ("agent", "advertise_ip", "0.26.2", "0.27.0"),
        ("master", "ip_discovery_command", "0.23.1", "0.24.0"),
        ("agent", "launcher", "0.24.2", "0.25.0"),
        ("master", "hostname_lookup", "0.24.2", "0.25.0"),
        ("agent", "systemd_enable_support", "0.27.0", "0.27.1"),
        ("agent", "docker_config", "0.28.2", "1.0.0"),
        ("master", "authenticate_agents", "0.28.2", "1.0.0"),
        ("agent", "runtime_dir", "1.0.4", "1.1.0"),
        ("master", "registry_max_agent_age", "1.0.4", "1.1.0"),
        ("agent", "reconfiguration_policy", "1.4.3", "1.5.0"),
        ("agent", "executor_reregistration_timeout", "1.3.0", "1.3.1"),
        ("agent", "domain_socket_location", "1.9.0", "1.10.0"),
    ],
)
def test_a_flag_begins_with_the_release_that_added_it(
    program: Program, name: str, last_without: str, first_with: str
) -> None:
    assert not has(program, name, last_without)
    assert has(program, name, first_with)
    assert has(program, name, "1.11.0")


@pytest.mark.parametrize(
    ("program", "name", "last_with", "first_without"),
    [
        ("master", "registry_strict", "0.28.2", "1.0.0"),
        ("agent", "docker_sandbox_directory", "0.22.1", "0.24.0"),
        ("agent", "resource_monitoring_interval", "0.25.0", "0.26.0"),
        ("agent", "docker_puller", "0.26.0", "0.27.0"),
        ("agent", "containerizer_path", "1.0.1", "1.1.0"),
    ],
)
def test_a_flag_ends_with_the_last_release_that_has_it(
    program: Program, name: str, last_with: str, first_without: str
) -> None:
    assert has(program, name, last_with)
    assert not has(program, name, first_without)
    assert not has(program, name, "1.11.0")


def test_a_flag_that_was_added_to_patch_releases_is_missing_in_the_patch_releases_before() -> None:
    """MESOS-9492 was added to 1.4.3, 1.5.2, 1.6.2 and 1.7.1, so 1.7.0 does not have it although 1.6.2 has it."""
    late = "network_cni_root_dir_persist"
    assert [has("agent", late, tag) for tag in ("1.4.2", "1.4.3", "1.6.2", "1.7.0", "1.7.1", "1.8.0")] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]


def test_a_release_without_a_patch_number_has_the_flags_of_all_its_patch_releases() -> None:
    assert "systemd_enable_support" in flags("agent", Release(0, 27))


@pytest.mark.parametrize(("old", "new"), sorted(RENAMED.items()))
def test_the_newest_release_has_both_the_old_and_the_new_name_of_a_flag(old: str, new: str) -> None:
    program: Program = "master" if new in flags("master", Release(1, 11)) else "agent"
    assert {old, new} <= flags(program, parse_release("1.11.0"))


def test_the_flag_is_called_isolation_and_was_never_called_isolator() -> None:
    for minor in MINORS:
        assert "isolator" not in flags("agent", Release(*minor))
        assert "isolation" in flags("agent", Release(*minor))


@pytest.mark.parametrize("minor", MINORS)
def test_every_release_has_the_flags_that_the_constructs_need(minor: tuple[int, int]) -> None:
    assert {"zk", "quorum", "work_dir", "ip", "port", "hostname", "cluster", "registry"} <= flags(
        "master", Release(*minor)
    )
    assert {"master", "work_dir", "ip", "port", "hostname", "containerizers", "isolation"} <= flags(
        "agent", Release(*minor)
    )


def test_masters_do_not_have_the_flags_of_agents_nor_agents_those_of_masters() -> None:
    assert not {"quorum", "zk", "registry"} & flags("agent", Release(1, 11))
    assert not {"master", "attributes", "runtime_dir"} & flags("master", Release(1, 11))


def test_the_table_has_flags_that_only_some_builds_have() -> None:
    assert {"xfs_project_range", "seccomp_config_dir", "jwt_secret_key"} <= flags("agent", Release(1, 11))


def test_a_newer_release_than_the_table_has_the_newest_flags_and_an_older_one_has_none() -> None:
    assert flags("agent", parse_release("1.12.0")) == flags("agent", parse_release("1.11.0"))
    assert flags("agent", parse_release("0.21.0")) == frozenset()


@pytest.mark.parametrize(
    ("program", "name", "tag", "text"),
    [
        ("agent", "isolator", "0.22.1", "Use 'isolation' instead"),
        ("agent", "runtime_dir", "1.0.1", "This flag exists from 1.1"),
        ("agent", "reconfiguration_policy", "1.4.1", "This flag exists from 1.5"),
        ("master", "authenticate_agents", "0.28.1", "This flag exists from 1.0. Use 'authenticate_slaves' instead"),
        ("master", "registry_strict", "1.0.0", "This flag exists from 0.22 to 0.28"),
        (
            "agent",
            "docker_sandbox_directory",
            "1.0.0",
            "This flag exists from 0.22 to 0.23. Use 'sandbox_directory' instead",
        ),
        ("agent", "network_cni_root_dir_persist", "1.7.0", "This flag exists from 1.4.3, 1.5.2, 1.6.2, 1.7.1"),
        ("agent", "quorum", "1.0.0", "This is a flag of mesos-master"),
        ("agent", "contanerizers", "1.0.0", "Did you mean 'containerizers'?"),
        ("master", "qwertzuiop", "1.0.0", "`mesos-master --help` lists all flags"),
    ],
)
def test_a_hint_says_what_to_do_instead(program: Program, name: str, tag: str, text: str) -> None:
    assert hint(program, name, parse_release(tag)) == text


def test_a_hint_suggests_only_flags_that_the_release_has() -> None:
    assert "runtime_dir" in hint("agent", "runtime_dirs", parse_release("1.11.0"))
    assert "runtime_dir" not in hint("agent", "runtime_dirs", parse_release("0.22.1"))
