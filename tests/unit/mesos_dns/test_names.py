from __future__ import annotations

import pytest

from cdktf_mesos.domain import is_below
from cdktf_mesos.mesos_dns.names import check_domain, framework_labels, label, task_name


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
    assert label(task_name(app)) == expected


def test_with_rfc_952_a_label_is_shorter_and_begins_with_a_letter() -> None:
    assert label(task_name("/1st-app"), rfc952=True) == "st-app"
    assert label("x" * 70, rfc952=True) == "x" * 24


def test_the_dots_of_a_frameworks_name_stay() -> None:
    assert framework_labels("Marathon.Prod_1 (new)") == "marathon.prod-1new"


@pytest.mark.parametrize("domain", ["mesos", "mesos.dc1", "cluster7", "1.example.com", "a-b.c"])
def test_a_domain_may_end_with_a_digit(domain: str) -> None:
    assert check_domain("stack/dns", "domain", domain) == domain


@pytest.mark.parametrize(
    ("name", "expected"),
    [("m1.mesos", True), ("M1.Mesos.", True), ("mesos", True), ("m1mesos", False), ("mesos.example.com", False)],
)
def test_a_name_is_below_a_domain(name: str, expected: bool) -> None:
    assert is_below(name, "mesos") is expected
