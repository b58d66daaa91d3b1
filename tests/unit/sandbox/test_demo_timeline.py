"""The demo's pictures of a roll: text and SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from sandbox.demo.live import table
from sandbox.demo.picture import svg
from sandbox.demo.timeline import Timeline, change_lines, text

UP = {"master hs1": "leader", "master hs2": "follower", "agent hs4": "registered"}


def timeline(*samples: tuple[float, dict[str, str]], **more: object) -> Timeline:
    """A roll from second 100 to second 160, so that each of the text's sixty columns is one second."""
    return Timeline(100.0, 160.0, samples, **more)  # type: ignore[arg-type]


def rows(drawn: str) -> dict[str, str]:
    """The sixty columns of each row of the text, by the row's name."""
    return {line[:13].strip(): line[14:74] for line in drawn.splitlines() if line[:13].strip()}


def titles(picture: str) -> list[str]:
    return [str(each.text) for each in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}title")]


def test_a_row_shows_when_a_member_led_followed_or_was_down() -> None:
    down = {**UP, "master hs1": "down", "master hs2": "leader"}
    drawn = rows(text(timeline((100, UP), (120, down), (130, UP))))
    assert drawn["master hs1"] == "█" * 20 + "x" * 10 + "█" * 30
    assert drawn["master hs2"] == "─" * 20 + "█" * 10 + "─" * 30
    assert drawn["agent hs4"] == "═" * 60


def test_a_short_outage_stays_visible() -> None:
    drawn = rows(text(timeline((100, UP), (120.1, {**UP, "agent hs4": "down"}), (120.2, UP))))
    assert drawn["agent hs4"] == "═" * 20 + "x" + "═" * 39


def test_a_member_that_is_always_down_has_a_row_that_says_so() -> None:
    always = timeline((100, {**UP, "agent hs4": "down"}), (159, {**UP, "agent hs4": "down"}))
    assert rows(text(always))["agent hs4"] == "x" * 60
    assert "agent hs4: down, 0.0 to 60.0 s" in titles(svg(always, "roll"))


@pytest.mark.parametrize("writes", [[], [(110.0, 0.1)]])
def test_without_samples_the_pictures_say_so(writes: list[tuple[float, float]]) -> None:
    nothing = timeline(writes=writes)
    assert text(nothing) == "nothing was observed"
    assert "nothing was observed" in svg(nothing, "roll")
    ElementTree.fromstring(svg(nothing, "roll"))


def test_a_slow_write_is_drawn_as_wide_as_it_took_and_as_high_as_its_latency() -> None:
    drawn = rows(text(timeline((100, UP), writes=[(105.5, 0.004), (120.0, 5.0)])))
    assert drawn["slowest write"].rstrip() == " " * 5 + "▁" + " " * 9 + "▇" * 5


def test_samples_before_and_after_the_roll_are_cut_off() -> None:
    late = timeline((90, {"master hs1": "follower"}), (110, {"master hs1": "leader"}), (170, {"master hs1": "down"}))
    assert [(each.begin, each.end, each.what) for each in late.spans("master hs1")] == [
        (0, 10, "follower"),
        (10, 60, "leader"),
    ]


def test_the_picture_has_members_states_waves_and_versions() -> None:
    picture = svg(
        timeline(
            (100, UP),
            (120, {**UP, "master hs2": "down"}),
            writes=[(110, 0.01), (120, 8)],
            waves=[(105, "control hs1"), (130, "agent hs4")],
            versions={"master hs1": "1.10.0 → 1.11.0"},
        ),
        "a < b",
    )
    words = [str(each.text) for each in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", *UP, "leader", "down", "1.10.0 → 1.11.0", "60"} <= set(words)
    assert "master hs2: down, 20.0 to 60.0 s" in titles(picture)
    assert {"control hs1: 5 to 30 s", "agent hs4: 30 to 60 s"} <= set(titles(picture))


def test_only_a_changed_state_makes_a_line() -> None:
    assert change_lines({}, UP, 0) == []
    assert change_lines(UP, UP, 1) == []
    assert change_lines(UP, {**UP, "master hs2": "down"}, 12.34) == ["  12.3 s  master hs2  follower -> down"]


def test_the_live_table_has_a_line_for_each_member_and_one_for_the_writes() -> None:
    lines = table(12.34, "control hs1", UP, {"master hs1": "1.11.0"}, "7 acknowledged")
    assert lines[0].split() == ["12.3", "s", "deploying", "control", "hs1"]
    assert lines[1].split() == ["master", "hs1", "leader", "1.11.0"]
    assert lines[-1].split() == ["writes", "7", "acknowledged"]
    assert len(lines) == len(UP) + 2
