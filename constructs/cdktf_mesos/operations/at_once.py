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

    For a job that has not ended in time, the result is a TimeoutError, and another job begins in its place. It is not
    stopped: it ends when the program ends. An executor of `concurrent.futures` would wait for it then.

    Args:
        jobs: the jobs.
        seconds: how long each job may take.
    """
    ended: queue.SimpleQueue[tuple[Key, Answer | Exception]] = queue.SimpleQueue()

    def run(key: Key) -> None:
        try:
            ended.put((key, jobs[key]()))
        except (RuntimeError, OSError, ValueError) as problem:
            ended.put((key, problem))

    waiting, limits, answers = list(jobs), dict[Key, float](), dict[Key, Answer | Exception]()
    while waiting or limits:
        while waiting and len(limits) < _AT_ONCE:
            key = waiting.pop(0)
            limits[key] = time.monotonic() + seconds
            threading.Thread(target=run, args=(key,), daemon=True).start()
        # The jobs began in this order, and all have the same time.
        first = next(iter(limits))
        try:
            key, answer = ended.get(timeout=max(limits[first] - time.monotonic(), 0.001))
        except queue.Empty:
            key, answer = first, TimeoutError(f"no answer within {seconds:g} s")
        # The answer of a job whose time was over is too late.
        if limits.pop(key, None) is not None:
            answers[key] = answer
    return {key: answers[key] for key in jobs}
