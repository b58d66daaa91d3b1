"""Wheel and source distribution: complete, and with metadata that a package index takes."""

from __future__ import annotations

import subprocess
import sys
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.terraform.package import ROOT, SOURCES, Distributions, distributions


@pytest.fixture(scope="module")
def built() -> Distributions:
    return distributions()


def package_files() -> dict[str, bytes]:
    """The files of the package in this checkout."""
    folder = ROOT / SOURCES
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(Path("cdktf_mesos") / path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_wheel_has_exactly_the_files_of_the_package_including_scripts(built: Distributions) -> None:
    """The wheel is built from the source distribution, so this shows that the source distribution is complete, too."""
    files = {name: content for name, content in built.wheel_files().items() if not name.startswith("cdktf_mesos-")}
    assert files == package_files()
    assert "cdktf_mesos/py.typed" in files
    assert {name for name in files if name.endswith(".sh")}


def test_the_wheel_has_the_command(built: Distributions) -> None:
    (text,) = (text for name, text in built.wheel_files().items() if name.endswith(".dist-info/entry_points.txt"))
    assert text.decode().split("\n")[:2] == ["[console_scripts]", "cdktf-mesos = cdktf_mesos.operations.__main__:main"]


def test_the_source_distribution_has_only_the_package(built: Distributions) -> None:
    names = set(built.source_files())
    folders = {name.partition("/")[0] for name in names if "/" in name}
    assert folders == {"constructs"}
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names


def test_wheel_and_source_distribution_have_the_licence_and_its_name(built: Distributions) -> None:
    files = built.wheel_files()
    (metadata,) = (BytesParser().parsebytes(text) for name, text in files.items() if name.endswith("/METADATA"))
    assert metadata["License-Expression"] == "Apache-2.0"
    licence = (ROOT / "LICENSE").read_bytes()
    assert [text for name, text in files.items() if name.endswith("/licenses/LICENSE")] == [licence]
    assert built.source_files()["LICENSE"] == licence


def test_twine_accepts_wheel_and_source_distribution(built: Distributions) -> None:
    command: list[str | Path] = [sys.executable, "-m", "twine", "check", "--strict", built.wheel, built.source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2
