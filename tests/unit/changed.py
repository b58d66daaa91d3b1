"""Settings like others, but for what is said."""

from __future__ import annotations

from typing import Any, TypeVar

from stacks.explained import setting_names
from stacks.model import Settings

S = TypeVar("S", bound=Settings)


def changed(settings: S, **more: Any) -> S:
    """The same settings with others among them, checked like new ones."""
    return type(settings)(**{**{name: getattr(settings, name) for name in setting_names(type(settings))}, **more})
