"""Runs commands, and starts processes that outlive the command that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(
    *command: str | Path,
    timeout: float = 60,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> str:
    """Runs a command and returns what it printed on standard output.

    Args:
        command: the words of the command.
        timeout: seconds after which it is killed.
        cwd: the folder to run it in; by default the current one.
        env: environment variables in addition to those of this process.
        check: whether to raise when it fails.

    Raises:
        RuntimeError: it failed or took too long; after a failure the text has the end of its output.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"not finished after {timeout:g} s: {' '.join(words)}") from None
    if check and done.returncode:
        output = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise RuntimeError(f"exit code {done.returncode}: {' '.join(words)}\n{output}")
    return done.stdout


def start(command: Sequence[str], log: Path) -> None:
    """Starts a process that outlives this one: in a new session, with a minimal environment, writing to a log."""
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": PATH, "LANG": "C.UTF-8"},
            check=True,
        )


def find(match: Callable[[list[str]], bool]) -> Iterator[int]:
    """The ids of the processes whose command line matches. `match` gets it as a list of at least one word."""
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError):
                words = (path / "cmdline").read_bytes().split(b"\0")[:-1]
                if words and match([os.fsdecode(word) for word in words]):
                    yield int(path.name)


def send(pid: int, number: signal.Signals) -> None:
    """Sends a signal to a process, unless it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def ended(pid: int) -> bool:
    """Whether the process has ended; true also for one that its parent has not yet waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except OSError:
        return True


def wait_until(condition: Callable[[], bool], failure: Callable[[], str], seconds: float = 30) -> None:
    """Waits until the condition is true; checks it every 20 ms.

    Args:
        condition: what must become true.
        failure: returns the text of the error.
        seconds: how long to wait.

    Raises:
        TimeoutError: the condition did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{failure()} (waited {seconds:g} s)")
        time.sleep(0.02)
