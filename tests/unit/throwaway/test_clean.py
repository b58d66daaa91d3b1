"""clean.sh, on directories that look like those of an engine's machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.throwaway import leftovers


def clean(root: Path, name: str, *agents: str) -> subprocess.CompletedProcess[str]:
    arguments = [str(root / "throwaway"), str(root / "runtime"), str(root / "cgroup"), name, *agents]
    words = scripts.words("clean", leftovers._CLEAN, arguments=arguments)
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def make(root: Path) -> None:
    for path in (
        "throwaway/one/one-agent-1/work/meta",
        "throwaway/one/one-zookeeper/data",
        "throwaway/one-more/one-more-agent-1",
        "runtime/one-agent-1/containers",
        "runtime/one-agent-10",
        "cgroup/cpu/mesos-one-agent-1/container",
        "cgroup/memory/mesos-one-agent-1",
        "cgroup/memory/mesos-one-agent-10",
        "cgroup/memory/mesos",
    ):
        (root / path).mkdir(parents=True)


def test_it_removes_the_directories_and_cgroups_of_one_cluster_and_says_so(tmp_path: Path) -> None:
    make(tmp_path)
    done = clean(tmp_path, "one", "one-agent-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "cgroups of one-agent-1",
        f"directory {tmp_path}/runtime/one-agent-1",
        f"directory {tmp_path}/throwaway/one",
    ]
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert left == {
        *("throwaway", "throwaway/one-more", "throwaway/one-more/one-more-agent-1"),
        *("runtime", "runtime/one-agent-10"),
        *("cgroup", "cgroup/cpu", "cgroup/memory", "cgroup/memory/mesos-one-agent-10", "cgroup/memory/mesos"),
    }


def test_the_directory_of_the_last_cluster_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "throwaway/one").mkdir(parents=True)
    assert clean(tmp_path, "one").stdout == f"directory {tmp_path}/throwaway/one\n"
    assert not (tmp_path / "throwaway").exists()


def test_where_nothing_is_left_it_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "cgroup").mkdir()
    done = clean(tmp_path, "one", "one-agent-1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
