from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import cache, lock, paths


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/cdktf-mesos"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "inputs"
    (path / "bin").mkdir(parents=True)
    (path / "Dockerfile").write_text("FROM scratch\n")
    (path / "bin/run.sh").write_text("#!/bin/sh\n")
    return path


def writer(content: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        (path / "content").write_text(content)

    return write


def test_a_digest_does_not_depend_on_the_folders_path(folder: Path, tmp_path: Path) -> None:
    before = cache.digest(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert cache.digest(moved) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "Dockerfile").write_text("FROM other\n"),
        lambda folder: (folder / "new").write_text(""),
        lambda folder: (folder / "bin/run.sh").rename(folder / "bin/other.sh"),
        lambda folder: (folder / "bin/run.sh").chmod(0o755),
        lambda folder: (folder / "link").symlink_to("Dockerfile"),
    ],
)
def test_a_digest_changes_with_content_names_modes_and_links(folder: Path, change: Callable[[Path], object]) -> None:
    before = cache.digest(folder)
    change(folder)
    assert cache.digest(folder) != before


def test_init_files_and_pycache_do_not_change_a_digest(folder: Path) -> None:
    before = cache.digest(folder)
    (folder / "__init__.py").write_text("RECIPES = ()\n")
    (folder / "bin/__pycache__").mkdir()
    (folder / "bin/__pycache__/x.pyc").write_text("")
    assert cache.digest(folder) == before


def test_a_digest_separates_its_inputs() -> None:
    assert len({cache.digest("ab", "c"), cache.digest("a", "bc"), cache.digest("abc"), cache.digest("abc", "")}) == 4


def test_a_missing_input_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        cache.digest(tmp_path / "missing")


def test_an_entry_is_built_once(own_cache: Path) -> None:
    first = cache.entry("thing", "1", writer("first"))
    assert cache.entry("thing", "1", writer("second")) == first == own_cache / "thing-1"
    assert (first / "content").read_text() == "first"


def test_an_interrupted_build_leaves_nothing(own_cache: Path) -> None:
    def interrupted(path: Path) -> None:
        (path / "content").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.entry("thing", "1", interrupted)
    assert not any(own_cache.iterdir())
    assert (cache.entry("thing", "1", writer("whole")) / "content").read_text() == "whole"


def test_two_that_build_the_same_at_once_use_what_the_first_has_made(own_cache: Path) -> None:
    def build(path: Path) -> None:
        cache.entry("thing", "1", writer("first"))
        writer("second")(path)

    assert (cache.entry("thing", "1", build) / "content").read_text() == "first"
    assert [each.name for each in own_cache.iterdir()] == ["thing-1"]


def test_leftovers_of_a_killed_build_are_not_an_entry(own_cache: Path) -> None:
    (own_cache / ".thing-1.abcdefgh").mkdir(parents=True)
    (own_cache / ".thing-1.abcdefgh/content").write_text("half")
    assert (cache.entry("thing", "1", writer("whole")) / "content").read_text() == "whole"


def test_clean_leaves_an_empty_folder(own_cache: Path) -> None:
    cache.clean()
    cache.entry("thing", "1", writer("x"))
    (own_cache / "terraform.rc").write_text("")
    cache.clean()
    assert list(own_cache.iterdir()) == []


def test_the_lock_may_be_taken_again_by_its_holder() -> None:
    with lock.held(), lock.held():
        assert paths.cache().is_dir()
