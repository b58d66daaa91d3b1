"""What docs/framework-tests.md says, done with real clusters: the first tests, and the programs in Java and Go."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.project import ROOT
from tests.e2e.throwaway import Command, commands

pytestmark = pytest.mark.full

PAGE = (ROOT / "docs/framework-tests.md").read_text()

# The page's programs leave out the address, as the engine is on the reader's machine.
WRAPPER = """#!/bin/bash
[ "$1" != up ] || set -- "$@" --address {address}
exec {command} "$@"
"""


def programs(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def command(machines: list[Host], tmp_path: Path) -> Iterator[Command]:
    """The command; all its clusters are removed at the end, and nothing may be left."""
    with commands(machines[0], tmp_path) as command:
        yield command


def run(command: Command, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program that finds `cdktf-mesos` on its PATH."""
    wrapper = directory / "bin/cdktf-mesos"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER.format(address=command.host.address, command=shlex.join(command.words)))
    wrapper.chmod(0o755)
    environment = {**command.environment, "PATH": f"{wrapper.parent}:{command.environment['PATH']}"}
    return subprocess.run(
        words, cwd=directory, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


@pytest.mark.parametrize(("agents", "result"), [("1", "1 failed, 1 passed"), ("2", "2 passed")])
def test_the_first_tests_are_green_and_red(command: Command, tmp_path: Path, agents: str, result: str) -> None:
    (tmp_path / "test_upgrade.py").write_text(programs("python")[0])
    python, *_ = command.words
    words = [python, "-m", "pytest", "-p", "cdktf_mesos.testing.plugin", "--rootdir=.", "-p", "no:cacheprovider"]
    words += ["--color=no", "--mesos-address", command.host.address]
    words += ["--mesos-versions", "1.10.0", "--mesos-agents", agents]
    done = run(command, tmp_path, *words, "test_upgrade.py")
    assert result in done.stdout, done.stdout
    assert ("log of agent-1" in done.stdout) == (agents == "1")


@pytest.mark.parametrize(
    ("language", "file", "words"), [("java", "MesosCluster.java", ["java"]), ("go", "main.go", ["go", "run"])]
)
def test_the_programs_in_other_languages(
    command: Command, tmp_path: Path, language: str, file: str, words: list[str]
) -> None:
    if not shutil.which({"java": "javac"}.get(language, language)):
        pytest.skip(f"there is no {language} here")
    (program,) = programs(language)
    (tmp_path / file).write_text(program)
    done = run(command, tmp_path, *words, file)
    first, last = done.stdout.splitlines()
    assert first.startswith(f"Start the framework with zk://{command.host.address}:"), done.stderr
    assert '"version":"1.11.0"' in last
