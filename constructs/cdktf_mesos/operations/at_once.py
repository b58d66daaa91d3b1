"""Runs jobs for many hosts at the same time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")

# If more than 10 logins begin at once, a bastion's sshd refuses some (sshd_config, MaxStartups). Once there is one
# connection, all later logins share it.
_AT_ONCE = 10


def at_once(jobs: Mapping[Key, Callable[[], Answer]], seconds: float) -> dict[Key, Answer | Exception]:
    """Run all jobs; returns what each returns, or the RuntimeError, ValueError or OSError that it raises.

    For a job that has not ended in time, the result is a TimeoutError.

    Args:
        jobs: the jobs. A job that hangs is not stopped; it ends when the program ends.
        seconds: how long a job may take.
    """
    waiting: queue.SimpleQueue[Key] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[Key, Answer | Exception]] = queue.SimpleQueue()
    for key in jobs:
        waiting.put(key)

    def work() -> None:
        while True:
            try:
                key = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                ended.put((key, jobs[key]()))
            except (RuntimeError, OSError, ValueError) as problem:
                ended.put((key, problem))

    for _ in range(min(_AT_ONCE, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    rounds = -(-len(jobs) // _AT_ONCE)
    until, answers = time.monotonic() + seconds * rounds, dict[Key, Answer | Exception]()
    while len(answers) < len(jobs) and (left := until - time.monotonic()) > 0:
        try:
            key, answer = ended.get(timeout=left)
        except queue.Empty:
            break
        answers[key] = answer
    for key in jobs:
        answers.setdefault(key, TimeoutError(f"no answer within {seconds:g} s"))
    return {key: answers[key] for key in jobs}
