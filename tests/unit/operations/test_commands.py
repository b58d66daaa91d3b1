from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cdktf_mesos
from cdktf_mesos.operations import __main__
from cdktf_mesos.operations.commands import cli

DOCS = Path(__file__).parents[3] / "docs"
PAGE = "\n".join((DOCS / name).read_text() for name in ("commands.md", "throwaway.md"))
COMMANDS = cli.list_commands(click.Context(cli))


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_help_names_all_commands_and_loads_none_of_them() -> None:
    program = (
        "import sys\nfrom cdktf_mesos.operations.__main__ import main\nsys.argv[1:] = ['--help']\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    *shown, loaded = done.stdout.splitlines()
    listed = shown[shown.index("Commands:") + 1 :]
    assert [line.split()[0] for line in listed if line.startswith("  ")] == COMMANDS
    assert not {"jsii", "cdktf", "cdktn", "docker", "rich"} & set(loaded.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_has_each_option_of_a_command_and_no_other(name: str) -> None:
    section = re.split(f"^## {name}$", PAGE, flags=re.MULTILINE)[1].partition("\n## ")[0]
    documented = {line.split()[1].strip("`") for line in section.splitlines() if line.startswith("| `--")}
    has = {
        max(each.opts, key=len) for each in command(name).params if isinstance(each, click.Option) and not each.hidden
    }
    assert documented == has


def test_without_its_libraries_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "find_spec", lambda name: None if name == "rich" else True)
    with pytest.raises(SystemExit, match=r"cdktf-mesos needs rich: pip install 'cdktf-mesos\[command\]'"):
        __main__.main()


def test_where_there_is_no_project_each_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("doctor", "preview", "status"):
        result = CliRunner().invoke(cli, [name])
        assert result.exit_code == 1
        assert result.stderr == f"{name}: {tmp_path}: no cdktf.json: run where cdktf is run\n"


def test_the_package_has_what_it_names_though_it_loads_it_later() -> None:
    for name in cdktf_mesos.__all__:
        module = import_module(f"cdktf_mesos.{cdktf_mesos._MODULES[name]}")
        assert getattr(cdktf_mesos, name) is getattr(module, name)
    assert sorted(cdktf_mesos._MODULES) == sorted(cdktf_mesos.__all__)
    with pytest.raises(ImportError):
        exec("from cdktf_mesos import Nothing")
