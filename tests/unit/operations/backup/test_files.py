from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cdktf_mesos.operations.backup.snapshot import check_snapshot
from cdktf_mesos.operations.backup.transactions import read_transactions
from tests.unit.operations.zookeeper_files import log, snapshot, transaction


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("digest", [True, False], ids=["from 3.6", "before 3.6"])
def test_the_znodes_of_a_whole_snapshot_are_counted(tmp_path: Path, digest: bool) -> None:
    content = snapshot(["", "/a", "/a/b"], digest=digest)
    assert check_snapshot(written(tmp_path / "snapshot.7", content)) == 3
    assert check_snapshot(written(tmp_path / "snapshot.7.gz", gzip.compress(content))) == 3


def test_a_snapshot_that_is_cut_off_or_changed_anywhere_is_refused(tmp_path: Path) -> None:
    whole = snapshot(["", "/a", "/a/b"])
    # Without its digest it would be a whole snapshot of an older release.
    for length in set(range(len(whole))) - {len(snapshot(["", "/a", "/a/b"], digest=False))}:
        with pytest.raises(ValueError, match=r"snapshot\.7 is "):
            check_snapshot(written(tmp_path / "snapshot.7", whole[:length]))
    for place in range(len(whole)):
        # The number of the database in the header counts as well.
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(ValueError, match=r"snapshot\.7 is "):
            check_snapshot(written(tmp_path / "snapshot.7", changed))


def test_a_snapshot_that_cannot_be_read_here_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"snapshot\.compression\.method=gz"):
        check_snapshot(written(tmp_path / "snapshot.7.snappy", b"x"))


def test_a_log_ends_with_its_last_whole_transaction(tmp_path: Path) -> None:
    whole = log([5, 6, 9], reserved=0)
    for content in (whole, log([5, 6, 9]), log([5, 6, 9], torn=10), whole + transaction(10)[:-1]):
        found = read_transactions(written(tmp_path / "log.5", content))
        assert (found.count, found.last, found.length) == (3, 9, len(whole))


def test_a_log_that_has_just_begun_has_no_transactions(tmp_path: Path) -> None:
    for content in (b"", log([], reserved=0)[:9], log([])):
        assert read_transactions(written(tmp_path / "log.5", content)).count == 0


def test_a_changed_transaction_and_a_wrong_order_are_refused(tmp_path: Path) -> None:
    content = bytearray(log([5, 6, 9]))
    content[60] ^= 1
    with pytest.raises(ValueError, match=r"log\.5 is damaged after its transaction 0x0"):
        read_transactions(written(tmp_path / "log.5", bytes(content)))
    with pytest.raises(ValueError, match="0x5 follows 0x6"):
        read_transactions(written(tmp_path / "log.5", log([6, 5])))
    with pytest.raises(ValueError, match="not a log"):
        read_transactions(written(tmp_path / "log.5", snapshot()))
