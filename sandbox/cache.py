"""Keeps what takes long to build: one directory for each set of inputs, named after a digest of those inputs."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from sandbox import paths


def digest(*inputs: Path | str) -> str:
    """A short digest of strings, files and folders. For a folder: the names, modes and content of all files in it.

    `__init__.py` and `__pycache__` do not count: they are not copied into what is built.
    """
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, str):
            _add(total, "string", item.encode())
            continue
        for file in files(item):
            total.update(f"{file.relative_to(item)} {file.lstat().st_mode & 0o170111:o}\n".encode())
            _add(total, "file", str(file.readlink()).encode() if file.is_symlink() else file.read_bytes())
    return total.hexdigest()[:16]


def files(root: Path) -> Iterable[Path]:
    """The file itself, or all files below the folder, sorted, without `__init__.py` and `__pycache__`.

    Raises:
        FileNotFoundError: the path does not exist.
    """
    if not root.is_dir():
        root.lstat()
        return [root]
    found = (file for file in root.rglob("*") if file.is_symlink() or not file.is_dir())
    return sorted(file for file in found if file.name != "__init__.py" and "__pycache__" not in file.parts)


def path(name: str, key: str) -> Path:
    """The path of the directory with this name and key. It exists only when its build is complete."""
    return paths.cache() / f"{name}-{key}"


def entry(name: str, key: str, build: Callable[[Path], None]) -> Path:
    """The directory with this name and key. If it is missing, `build` fills an empty one, which then gets this path.

    When several processes build the same, all of them use what the first has made.
    """
    complete = path(name, key)
    if complete.is_dir():
        return complete
    paths.cache().mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{complete.name}.", dir=paths.cache()))
    try:
        build(unfinished)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(complete)
        except OSError:
            if not complete.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return complete


def clean() -> None:
    """Removes everything that was built or fetched. The folder itself stays: it is the file that the lock is on."""
    for item in paths.cache().iterdir() if paths.cache().is_dir() else ():
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink()


def _add(total: hashlib._Hash, kind: str, content: bytes) -> None:
    """Adds a part with its kind and length, so that ("ab", "c") and ("a", "bc") have different digests."""
    total.update(f"{kind} {len(content)}\n".encode())
    total.update(content)
