"""Copies of settings with some of them changed."""

from __future__ import annotations

from typing import Any, TypeVar

from stacks.explained import setting_names
from stacks.model import Settings

S = TypeVar("S", bound=Settings)


def changed(settings: S, **more: Any) -> S:
    """A copy of the settings with the given ones changed. It is checked like new settings."""
    return type(settings)(**{**{name: getattr(settings, name) for name in setting_names(type(settings))}, **more})
