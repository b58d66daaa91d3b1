"""The programs in the documentation: they run, and make the stacks that the page names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cdktf_mesos import cdk
from tests.unit.aws_app import KEY

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT) for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def programs(page: Path) -> list[str]:
    """The whole programs of a page, without the indentation that they have in a list."""
    found = re.findall(r"^( *)```python\n(.*?)^ *```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found if "app.synth()" in text]


PROGRAMS = [(page, text) for page in PAGES for text in programs(page)]


def test_the_pages_that_lead_to_a_cluster_have_whole_programs() -> None:
    assert {str(page) for page, _ in PROGRAMS} == {"README.md", "docs/aws.md", "docs/static-hosts.md"}


@pytest.mark.parametrize(("page", "text"), PROGRAMS, ids=[str(page) for page, _ in PROGRAMS])
def test_a_program_in_the_documentation_runs(tmp_path: Path, page: Path, text: str) -> None:
    # What stands for the reader's own, and the library that these tests run with.
    program = re.sub(r"ssh-ed25519 \S+…[^\"]*", KEY, text).replace("from cdktf import", f"from {cdk.library()} import")
    (tmp_path / "main.py").write_text(program)
    path = os.pathsep.join(map(str, (ROOT / "constructs", ROOT)))
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stacks = {each.name for each in (tmp_path / "cdktf.out/stacks").iterdir()}
    # The page writes `cdktf output` with a stack's name.
    named = set(re.findall(r"cdktf output ([\w-]+)", (ROOT / page).read_text()))
    assert stacks and named <= stacks
