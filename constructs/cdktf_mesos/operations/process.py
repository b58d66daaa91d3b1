"""Runs commands that may hang."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path


class Processes:
    """Runs commands in the caller's environment, each for a limited time, from several threads.

    Args:
        timeout: seconds after which a command is killed, together with all that it started.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self._ended = False

    def run(
        self,
        words: Sequence[str],
        directory: Path,
        more: Mapping[str, str] | None = None,
        given: str = "",
        inherited: Sequence[int] = (),
    ) -> tuple[int, str, str]:
        """Run a command; returns its exit code and what it wrote to standard output and to standard error.

        Args:
            words: the command.
            directory: where it runs.
            more: further environment variables.
            given: its standard input.
            inherited: open files that the command inherits; by default none.

        Raises:
            TimeoutError: it took too long.
            OSError: the command does not exist.
        """
        # Files instead of pipes: a connection that ssh keeps in the background would hold a pipe open.
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            source.write(given.encode())
            source.seek(0)
            with self._lock:
                if self._ended:
                    raise TimeoutError("interrupted")
                process = subprocess.Popen(
                    words,
                    cwd=directory,
                    env={**os.environ, **(more or {})},
                    stdin=source,
                    stdout=out,
                    stderr=error,
                    start_new_session=True,
                    pass_fds=inherited,
                )
                self._running.add(process.pid)
            try:
                code = process.wait(self._timeout)
            except BaseException as problem:
                _kill(process.pid)
                process.wait()
                if isinstance(problem, subprocess.TimeoutExpired):
                    raise TimeoutError(f"no answer within {self._timeout:g} s") from None
                raise
            finally:
                with self._lock:
                    self._running.discard(process.pid)
            out.seek(0)
            error.seek(0)
            return code, out.read().decode(errors="replace"), error.read().decode(errors="replace")

    def end(self) -> None:
        """Kill all commands that run, and start no more."""
        with self._lock:
            self._ended = True
            for pid in self._running:
                _kill(pid)


def run_in_foreground(words: Sequence[str], more: Mapping[str, str] | None = None) -> int:
    """Run a command with this program's input, output and error; returns its exit code.

    Ctrl-C reaches the command directly, since it is in the same group of the terminal. So this waits until it has
    ended, and then raises KeyboardInterrupt.

    Args:
        words: the command.
        more: further environment variables.

    Raises:
        RuntimeError: the command does not exist.
    """
    try:
        process = subprocess.Popen(words, env={**os.environ, **(more or {})})
    except OSError as problem:
        raise RuntimeError(f"{words[0]}: {problem.strerror}") from None
    interrupted = False
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
