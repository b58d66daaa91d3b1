"""Frameworks on throwaway clusters of several versions: two that nobody here wrote, and the example.

Each is tested by a pytest of its own, with the options that a framework's developer uses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox import public_frameworks
from sandbox.hosts import Host
from sandbox.images.marathon import DEPENDENCIES
from sandbox.project import ROOT, environment

pytestmark = pytest.mark.full

VERSIONS = ("1.9.0", "1.10.0", "1.11.0")
SECONDS = 1800


@pytest.fixture(scope="module")
def host(machines: list[Host]) -> Host:
    return machines[0]


def run_tests(host: Host, directory: Path, tests: Path, *folders: Path, **variables: str) -> Mapping[str, set[str]]:
    """Run a file of tests on clusters of all versions, which must succeed.

    Args:
        host: whose engine has the clusters.
        directory: for what the command keeps.
        tests: the file.
        folders: Python packages that the tests need.
        variables: environment variables for the tests.

    Returns:
        the versions on which each test has passed.
    """
    words = ["--mesos-versions", ",".join(VERSIONS), "--mesos-scope", "function", "--mesos-address", host.address]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-v",
            "--color=no",
            "-m",
            "",
            "-p",
            "cdktf_mesos.testing.plugin",
            *words,
            str(tests),
        ],
        cwd=tests.parent,
        env={
            **environment(),
            "PYTHONPATH": os.pathsep.join(map(str, (*folders, ROOT / "constructs", ROOT))),
            "DOCKER_HOST": host.engine,
            "XDG_STATE_HOME": str(directory / "state"),
            "XDG_CACHE_HOME": str(directory / "cache"),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed: dict[str, set[str]] = {}
    for name, version in re.findall(r"::(\w+)\[(\S+)\] PASSED", done.stdout):
        passed.setdefault(name, set()).add(version)
    return passed


def test_yelps_task_processing(host: Host, tmp_path: Path) -> None:
    folders = (public_frameworks.TASK_PROCESSING.ensure(), DEPENDENCIES.ensure())
    passed = run_tests(host, tmp_path, ROOT / "tests/frameworks/with_task_processing.py", *folders)
    assert passed == {"test_tasks_outlive_an_upgrade_of_master_and_agents": set(VERSIONS)}


def test_hubspots_singularity(host: Host, tmp_path: Path) -> None:
    (jar,) = public_frameworks.SINGULARITY.ensure().glob("*.jar")
    passed = run_tests(host, tmp_path, ROOT / "tests/frameworks/with_singularity.py", SINGULARITY_JAR=str(jar))
    assert passed == {"test_tasks_outlive_an_upgrade_of_master_and_agents": set(VERSIONS)}


def test_the_example(host: Host, tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / "examples/framework-tests", tmp_path / "example")
    passed = run_tests(host, tmp_path, copy / "test_framework.py", DEPENDENCIES.ensure())
    assert len(passed) == 4
    assert set(map(frozenset, passed.values())) == {frozenset(VERSIONS)}
