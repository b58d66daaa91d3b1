from __future__ import annotations

import pytest

from cdktf_mesos.mesos_dns.names import is_below, task_label


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        ("/web", "web"),
        ("web", "web"),
        ("/shop/cart", "cart-shop"),
        ("/a/b/c.d", "c-d-b-a"),
        ("/1st-app", "1st-app"),
        (f"/{'x' * 70}", "x" * 63),
        # A cut that leaves dashes at the end lets as many characters follow.
        (f"/{'x' * 60}----{'y' * 9}", f"{'x' * 60}yyy"),
        (f"/hello{'-' * 130}f", "hellof"),
    ],
)
def test_an_app_has_the_label_that_mesos_dns_makes_of_the_name_of_its_tasks(app: str, expected: str) -> None:
    assert task_label(app) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("m1.mesos", True), ("M1.Mesos.", True), ("mesos", True), ("m1mesos", False), ("mesos.example.com", False)],
)
def test_a_name_is_below_a_domain(name: str, expected: bool) -> None:
    assert is_below(name, "mesos") is expected
