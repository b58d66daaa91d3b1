"""haproxy: whether a configuration is valid, and its reload."""

from __future__ import annotations

import difflib
import logging
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

log = logging.getLogger(__name__)


def is_valid(text: str, *, skip: bool) -> bool:
    """Whether haproxy accepts a configuration."""
    if skip:
        return True
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        return subprocess.run(["haproxy", "-f", file.name, "-c"], check=False).returncode == 0


def replace(path: Path, text: str) -> None:
    """Write the configuration in one step, and log what changes."""
    old = path.read_text() if path.is_file() else ""
    for line in difflib.unified_diff(old.splitlines(), text.splitlines(), lineterm=""):
        log.info("%s", line)
    new = path.with_suffix(".new")
    new.write_text(text)
    shutil.move(new, path)


def reload(command: str, retries: int, interval: int) -> None:
    """Run the reload command until haproxy has a new process.

    Args:
        command: the command.
        retries: how often it is run again; 0 for never, below 0 without a limit.
        interval: the time between two runs, in seconds.
    """
    old, began = _processes(), time.monotonic()
    log.info("reloading with %s", command)
    subprocess.run(shlex.split(command), check=False)
    last = time.monotonic()
    while not _processes() - old:
        if time.monotonic() - last >= interval:
            last = time.monotonic()
            if retries == 1:
                log.error("reload failed after %.0f s", last - began)
                return
            if retries:
                retries -= 1
                subprocess.run(shlex.split(command), check=False)
        time.sleep(0.1)


def _processes() -> set[str]:
    return set(subprocess.run(["pidof", "haproxy"], capture_output=True, text=True, check=False).stdout.split())
