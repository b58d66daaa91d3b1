"""Secrets are found in files and in what archives have compressed."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from sandbox.planted import in_files

SECRET = "correct horse battery staple"
TEXT = f"password={SECRET}\n".encode() * 100


def test_a_secret_is_found_in_a_file_a_plan_and_a_backup(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(TEXT)
    with zipfile.ZipFile(tmp_path / "plan", "w", zipfile.ZIP_DEFLATED) as plan:
        plan.writestr("tfstate", TEXT)
    with tarfile.open(tmp_path / "backup.tar.gz", "w:gz") as backup:
        member = tarfile.TarInfo("terraform/state")
        member.size = len(TEXT)
        backup.addfile(member, io.BytesIO(TEXT))
    (tmp_path / "other").write_text("password=other\n")
    found = in_files({"agent": SECRET, "operator": "never used"}, tmp_path.iterdir())
    assert found == {("agent", str(tmp_path / name)) for name in ("state", "plan", "backup.tar.gz")}
