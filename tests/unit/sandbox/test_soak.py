from __future__ import annotations

from dataclasses import replace

from sandbox.soak import Sample, growth

STEADY = Sample(memory=300, engine=900, logs=1, data=10, containers=5, images=8)


def test_noise_does_not_count_as_growth() -> None:
    samples = [[replace(STEADY, memory=300 + 30 * (number % 2), data=10 + number), STEADY] for number in range(20)]
    assert growth(samples) == []


def test_growth_is_reported_with_its_host_and_figure() -> None:
    samples = [
        [STEADY, replace(STEADY, memory=300 + 10 * number, containers=5 + number, data=10 + 6 * number)]
        for number in range(20)
    ]
    assert [problem.split(" grow")[0] for problem in growth(samples)] == [
        "host 2: memory",
        "host 2: containers",
        "host 2: data",
    ]


def test_growth_in_the_first_rolls_does_not_count() -> None:
    cold = [[replace(STEADY, images=1, containers=1)], [replace(STEADY, images=2, containers=3)]]
    assert growth([*cold, *[[STEADY]] * 6]) == []
