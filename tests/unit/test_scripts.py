"""All scripts: how they are joined, and whether an image with an old bash can run them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import cdktf_mesos
from cdktf_mesos import scripts

FOLDER = Path(cdktf_mesos.__file__).parent
FILES = sorted(FOLDER.rglob("*.sh"))

# Features that bash has only since 4.2 or later (bash's CHANGES).
NEWER = {
    "4.2": r"\[\[ -v |\[ -v |test -v |declare -g|lastpipe|printf .*%\([^)]*\)T|\$\{[^}]*: -[0-9]+\}|\\u[0-9a-fA-F]{4}",
    "4.3": r"(local|declare|typeset) -n|wait -n|\$\{[a-z_]+\[-[0-9]+\]",
    "4.4": r"\$\{[^}]*@[QEPAa]\}|mapfile -d|readarray -d|local -$|inherit_errexit",
    "5.0": r"EPOCHSECONDS|EPOCHREALTIME|BASH_ARGV0|wait -f",
    "5.1": r"SRANDOM|\$\{[^}]*@[ULKu]\}|wait -p",
    "5.3": r"\$\{ |\$\{\|",
}


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_bash_4_1_can_read_every_script(path: Path) -> None:
    subprocess.run(["bash", "-n", path], check=True)
    subprocess.run(["bash", "-n", "-c", scripts.text_of(path)], check=True)
    assert path.read_text().startswith("#!")
    found = [
        (since, line) for line in path.read_text().splitlines() for since, r in NEWER.items() if re.search(r, line)
    ]
    assert not found


def test_comments_and_blank_lines_are_not_part_of_what_runs(tmp_path: Path) -> None:
    script = tmp_path / "greet.sh"
    script.write_text('#!/bin/bash\n# Says hello.\n\ngreet() {\n    # Loudly.\n    echo "$1 # 1"  # that\n}\n')
    assert scripts.joined(script, 'greet "$1"') == 'greet() {\n    echo "$1 # 1"  # that\n}\ngreet "$1"'


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_a_text_within_a_script_loses_no_line_when_the_script_is_joined(path: Path) -> None:
    """What looks like a comment or a blank line is left out, also in a text for a file: apt then reads another one."""
    texts = re.findall(r"<<-?'?([A-Z]+)'?[^\n]*\n(.*?)\n\1$", path.read_text(), re.DOTALL | re.MULTILINE)
    assert [
        line for _, text in texts for line in text.splitlines() if not line.strip() or line.lstrip()[0] == "#"
    ] == []


def test_a_script_runs_under_its_name_with_its_arguments() -> None:
    words = scripts.words("greeting", 'echo "$0: ${1%x} $2"', arguments=["ax", "b c"])
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "greeting: a b c\n"
