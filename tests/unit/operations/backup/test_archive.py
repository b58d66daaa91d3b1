from __future__ import annotations

import dataclasses
import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from cdktf_mesos.operations.backup.archive import pack, unpack
from cdktf_mesos.operations.backup.manifest import Manifest
from tests.unit.operations.zookeeper_files import log, snapshot

MANIFEST = Manifest(
    cluster="prod",
    ensemble="prod/zookeeper",
    made="2026-11-29T06:50:00Z",
    release="3.9.4",
    zxid="0x9",
    acknowledged="0x8",
    source="c1",
    mode="follower",
    servers=["10.0.0.11:2181"],
    pins={"zookeeper_version": "3.9.4"},
    agents={"10.0.0.21:5051": "S1"},
)
LOG = "zookeeper/log/version-2/log.6"
FILES = {
    "zookeeper/data/version-2/snapshot.5": snapshot(),
    "zookeeper/data/version-2/currentEpoch": b"0",
    LOG: log([6, 7, 8, 9], reserved=0),
    "terraform/terraform.a.tfstate": b"{}",
}


def packed(tmp_path: Path, manifest: Manifest = MANIFEST, more: Mapping[str, bytes] | None = None) -> Path:
    content = tmp_path / "content"
    for name, text in {**FILES, **(more or {})}.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_bytes(text)
    pack(manifest, content, {LOG: (1000, 1001)}, tmp_path / "a.tar.gz")
    return tmp_path / "a.tar.gz"


def rewritten(archive: Path, changes: dict[str, bytes | None]) -> Path:
    """The archive with other files; None leaves one out."""
    with tarfile.open(archive) as old:
        files = {each.name: content.read() for each in old if (content := old.extractfile(each))}
    files |= {name: text for name, text in changes.items() if text is not None}
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(target, "w:gz") as new:
        for name, text in files.items():
            if name not in changes or changes[name] is not None:
                member = tarfile.TarInfo(name)
                member.size = len(text)
                new.addfile(member, io.BytesIO(text))
    return target


def test_what_was_packed_comes_out_again(tmp_path: Path) -> None:
    manifest = unpack(packed(tmp_path), tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in manifest.parts} == FILES
    assert dataclasses.replace(manifest, parts={}) == MANIFEST
    assert manifest.parts[LOG].owner == (1000, 1001)


def test_an_archive_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path).read_bytes()
    (tmp_path / "out").mkdir()
    for length in range(len(whole)):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cut\.tar\.gz: it is not an archive, or is cut off"):
            unpack(tmp_path / "cut.tar.gz", tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({LOG: FILES[LOG][:-1] + b"C"}, "log.6 differs from its digest", id="changed"),
        pytest.param({LOG: None}, "it is cut off: .*log.6 is missing", id="missing"),
        pytest.param({"../../evil": b"x"}, "evil is not in its manifest", id="more"),
        pytest.param({"manifest.json": b"{}"}, "its manifest cannot be read", id="other manifest"),
        pytest.param({"manifest.json": None}, "does not begin with a manifest", id="no manifest"),
        pytest.param({"manifest.json": b'{"format": 2}'}, "its format is 2, this cdktf-mesos reads", id="other format"),
    ],
)
def test_an_archive_that_somebody_changed_is_refused(
    tmp_path: Path, changes: dict[str, bytes | None], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        unpack(rewritten(packed(tmp_path), changes), tmp_path / "out")


def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    archive = packed(tmp_path)
    with tarfile.open(archive) as old:
        content = old.extractfile("manifest.json")
        assert content is not None
        manifest = json.load(content)
    for name in ("../evil", "/etc/passwd", "zookeeper/data/version-2/../x", "terraform/.terraform"):
        manifest["parts"] = {name: {"size": 1, "sha256": "", "owner": [0, 0]}}
        changed = rewritten(archive, {"manifest.json": json.dumps(manifest).encode()})
        with pytest.raises(ValueError, match="its manifest cannot be read"):
            unpack(changed, tmp_path / "out")


def test_data_from_just_after_an_election_are_whole(tmp_path: Path) -> None:
    # Until the next write, servers show the new epoch with the counter 0.
    archive = packed(tmp_path, dataclasses.replace(MANIFEST, zxid="0x200000000"))
    assert unpack(archive, tmp_path / "out").zxid == "0x200000000"


def test_data_that_no_server_could_use_are_not_packed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="its last transaction is 0x9, not 0xa"):
        packed(tmp_path, dataclasses.replace(MANIFEST, zxid="0xa"))
    (tmp_path / "a.tar.gz").unlink()
    with pytest.raises(ValueError, match=r"log\.6 is damaged"):
        packed(tmp_path, more={LOG: FILES[LOG] + b"half"})
    (tmp_path / "a.tar.gz").unlink()
    with pytest.raises(ValueError, match="2 snapshots instead of one"):
        packed(tmp_path, more={LOG: FILES[LOG], "zookeeper/data/version-2/snapshot.6": snapshot()})


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"text", gzip.compress(b"text")):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(ValueError, match="x: it is not an archive"):
            unpack(tmp_path / "x", tmp_path / "out")
