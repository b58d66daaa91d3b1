"""The release that is read from an image's tag."""

from __future__ import annotations

import pytest

from cdktf_mesos.image.release import Release, parse_release


@pytest.mark.parametrize(
    ("tag", "major", "minor", "patch"),
    [
        ("1.11.0", 1, 11, 0),
        ("1.4.0-rc5", 1, 4, 0),
        ("1.0.1-1.0.90.rc1.ubuntu1404", 1, 0, 1),
        ("1.0.0-0.2.0", 1, 0, 0),
        ("0.22.1-1.0.ubuntu1404", 0, 22, 1),
        ("0.28.1-ubuntu-14.04", 0, 28, 1),
        ("1.1.01.1.0-2.0.107.ubuntu1404", 1, 1, 0),
        ("1.11.01.11.0-2.0.1", 1, 11, 0),
        ("3.5.4-beta", 3, 5, 4),
        ("3.9.4-jre-17", 3, 9, 4),
        ("3.4.14", 3, 4, 14),
        ("3.9", 3, 9, None),
        ("v1.4.0-RC9", 1, 4, 0),
        ("v1.11.24", 1, 11, 24),
        ("v0.8.2", 0, 8, 2),
    ],
)
def test_a_release_is_read_from_every_form_of_tag(tag: str, major: int, minor: int, patch: int | None) -> None:
    release = parse_release(tag)
    assert (release.major, release.minor, release.patch) == (major, minor, patch)
    assert str(release) == tag


@pytest.mark.parametrize(
    "text", ["latest", "", "3", "v1", "stable-1.11.0", "20160301.1", "2016.03.1", "sha256:" + "1" * 64]
)
def test_text_that_does_not_begin_with_a_release_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not begin with a release") as raised:
        parse_release(text)
    assert repr(text) in str(raised.value)


def test_releases_are_ordered_by_number_and_not_by_text() -> None:
    tags = ["1.11.0", "0.28.1", "1.2.0", "0.22.1-1.0.ubuntu1404"]
    assert [str(release) for release in sorted(map(parse_release, tags))] == [tags[3], tags[1], tags[2], tags[0]]


def test_patch_releases_and_builds_of_one_minor_release_are_equal() -> None:
    assert parse_release("1.4.0-rc5") == parse_release("1.4.3") == Release(1, 4)
    assert not parse_release("1.4.3") > parse_release("1.4.0-rc5")


def test_a_release_made_from_numbers_is_shown_as_these_numbers() -> None:
    assert str(Release(1, 11)) == "1.11"
    assert str(Release(1, 11, 0)) == "1.11.0"
