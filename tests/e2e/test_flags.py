"""The table of Mesos's flags is compared with the real programs, for every release that the sandbox has."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import get_args

import pytest

from cdktf_mesos.image.release import parse_release
from cdktf_mesos.mesos.flags import Program, flags
from sandbox.hosts import Host
from sandbox.images.mesos.help import help_of
from sandbox.images.mesos.releases import OTHERS, RELEASES, Release

IMAGES: dict[Program, str] = {"master": "mesosphere/mesos-master", "agent": "mesosphere/mesos-slave"}

_BUILDS = {
    "--with-network-isolator": "ephemeral_ports_per_container eth0_name lo_name egress_rate_limit_per_container "
    "egress_unique_flow_per_container egress_flow_classifier_parent network_enable_socket_statistics_details "
    "network_enable_socket_statistics_summary network_enable_snmp_statistics max_executors_per_slave "
    "max_executors_per_agent",
    "--enable-ssl": "authenticate_http_executors executor_secret_key jwt_secret_key",
    "--enable-xfs-disk-isolator": "xfs_project_range xfs_kill_containers",
    "--enable-network-ports-isolator": "check_agent_port_range_only container_ports_watch_interval "
    "container_ports_isolated_range enforce_container_ports",
    "--enable-seccomp-isolator": "seccomp_config_dir seccomp_profile_name",
}
BUILD_DEPENDENT = frozenset(" ".join(_BUILDS.values()).split())
"""Flags that exist only in builds with the configure options above. The table always has them."""


@pytest.mark.parametrize("program", get_args(Program))
@pytest.mark.parametrize("version", [release.version for release in RELEASES])
def test_the_flag_table_matches_the_help_of_each_program(host: Host, version: str, program: Program) -> None:
    with contextlib.closing(host.docker()) as client:
        text = client.containers.run(f"{IMAGES[program]}:{version}", ["--help"], stderr=True, remove=True).decode()
    check(program, version, text)


@pytest.mark.full
@pytest.mark.parametrize("release", OTHERS, ids=lambda release: release.version)
def test_the_flag_table_matches_the_flags_class_of_releases_without_an_image(release: Release, tmp_path: Path) -> None:
    """The flags come from each release's own flags class; nothing else of these releases is run."""
    texts = help_of(release, tmp_path)
    for program in get_args(Program):
        check(program, release.version, texts[program])


def check(program: Program, version: str, text: str) -> None:
    release = parse_release(version)
    # From 1.0 on registry_strict=true ends every master, and false has no effect, so the table counts it as removed.
    real = listed(text) - {"registry_strict"}
    assert real >= {"help", "work_dir"}
    assert real - BUILD_DEPENDENT == flags(program, release) - BUILD_DEPENDENT
    assert real <= flags(program, release)


def listed(text: str) -> set[str]:
    """The flags, old names included, in lines like `  --[no-]strict, --[no-]old=VALUE     What it is for.`"""
    columns = [re.split(r"\s{3,}", line[2:])[0] for line in text.splitlines() if line.startswith("  --")]
    return {name for column in columns for name in re.findall(r"--(?:\[no-\])?([a-z0-9_]+)(?=[=,\s]|$)", column)}
