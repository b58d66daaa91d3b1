from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from cdktf_mesos.operations.at_once import at_once

MANY = 12


def value(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def test_the_results_are_those_of_the_jobs_in_their_order() -> None:
    answers = at_once({number: partial(value, number) for number in range(MANY)}, 10)
    assert list(answers) == list(range(MANY))
    assert [each for each in answers.values() if not isinstance(each, Exception)] == [0, 1, 2, *range(4, MANY)]
    assert isinstance(answers[3], ValueError)


def test_jobs_that_hang_do_not_keep_others_from_running() -> None:
    end = threading.Event()
    jobs: dict[int, Callable[[], object]] = {number: partial(end.wait, 60) for number in range(MANY)}
    jobs[MANY] = lambda: "well"
    begin = time.monotonic()
    answers = at_once(jobs, 0.2)
    end.set()
    assert answers[MANY] == "well"
    assert all(str(answers[number]) == "no answer within 0.2 s" for number in range(MANY))
    assert time.monotonic() - begin < 10
