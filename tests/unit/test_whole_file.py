from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.whole_file import write_whole


def test_a_file_is_its_owners_and_stays_as_it_was_if_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, "before")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("before", 0o600)

    def full(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            write_whole(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
