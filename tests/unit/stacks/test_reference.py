"""The reference of settings, made from their classes."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from stacks.model import Settings
from stacks.reference import classes, described, files, page, schema, shown_type

MACHINE = {"name": "c1", "address": "10.0.0.1", "engine": "ssh://ops@10.0.0.1"}
VALIDATOR = Draft202012Validator(schema())


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_the_files_are_up_to_date(path: Any) -> None:
    assert path.read_text() == files()[path], "run python -m stacks.reference"


def test_every_setting_is_described_once() -> None:
    for cls in classes():
        assert all(described(cls).values()), cls
    assert page().count("| `docker_socket` |") == 1
    assert len(classes()) == len(set(classes()))


def test_a_setting_without_a_description_is_found() -> None:
    class Bare(Settings):
        """Bare.

        Args:
            known: text.
            gone: number.
        """

        known: str = ""
        new: int = 1

    with pytest.raises(ValueError, match="Bare: settings and docstrings differ in gone, new"):
        described(Bare)


def test_types_are_in_plain_words() -> None:
    assert shown_type(int | float | None) == "number"
    assert shown_type(dict[str, str | int]) == "map: text or whole number"


def problems(cluster: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors({"language": "python", "context": {"cluster": cluster}})]


@pytest.mark.parametrize(
    "cluster",
    [
        {},
        {"platform": {"agents": 2}, "mesos_version": "1.11.0", "agents": {"cpus": 1.5, "version": None}},
        {"platform": {"kind": "static", "control_plane": [MACHINE], "agent_batch": 2}},
        {"platform": {"kind": "aws", "generations": {"control-1": 2}, "pools": [{"name": "canary", "first": 40}]}},
    ],
)
def test_the_schema_accepts_valid_contexts(cluster: Any) -> None:
    Draft202012Validator.check_schema(schema())
    assert problems(cluster) == []


@pytest.mark.parametrize(
    "cluster",
    [
        {"agent": 2},
        {"agents": 2},
        {"platform": {"kind": "local", "agent_batch": 2}},
        {"platform": {"kind": "static", "control_plane": [{"name": "c1"}]}},
        {"platform": {"kind": "static", "control_plane": [{**MACHINE, "host": "c1"}]}},
        {"platform": {"agents": "2"}},
        {"platform": {"kind": "aws", "pools": [{"name": "canary"}]}},
    ],
)
def test_the_schema_refuses_contexts_that_a_synth_refuses(cluster: Any) -> None:
    assert problems(cluster)
