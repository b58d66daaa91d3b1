from __future__ import annotations

from dataclasses import replace

from sandbox.soak import Sample, growth

STEADY = Sample(memory=2000, engine=9000, data=100, containers=25, images=30)


def test_noise_is_no_growth() -> None:
    samples = [replace(STEADY, memory=2000 + 90 * (number % 2), data=100 + number) for number in range(20)]
    assert growth(samples) == []


def test_what_grows_is_named() -> None:
    samples = [
        replace(STEADY, memory=2000 + 40 * number, containers=25 + number, data=100 + 30 * number)
        for number in range(20)
    ]
    assert [problem.split(" grow")[0] for problem in growth(samples)] == ["memory", "containers", "data"]


def test_what_the_first_rolls_bring_does_not_count() -> None:
    cold = [replace(STEADY, images=10, containers=5), replace(STEADY, images=20, containers=15)]
    assert growth([*cold, *[STEADY] * 6]) == []
