"""Settings that are checked against their types, and read from the JSON of a context."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints


def check_types(settings: Any) -> None:
    """Refuse a field of a dataclass whose value is not of its type.

    Raises:
        ValueError: with the class, the field, the value and what would be right.
    """
    hints = get_type_hints(type(settings))
    for each in fields(settings):
        value = getattr(settings, each.name)
        if not _fits(value, hints[each.name]):
            raise ValueError(f"{type(settings).__name__}: {each.name}={value!r}: {_shown(hints[each.name])}")


def ignored(settings: Any, platform: str, only_on: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass that differ from their defaults though a platform does not use them, with their values.

    Args:
        settings: the dataclass; what has no plain default is a list there, empty by default.
        platform: which it is.
        only_on: the platforms that use a field, by its name; others are used by all.
    """
    for each in fields(settings):
        value = getattr(settings, each.name)
        unused = platform not in only_on.get(each.name, (platform,))
        if unused and value != ([] if each.default is MISSING else each.default):
            yield each.name, value


def read(settings: type, context: object, path: str) -> dict[str, Any]:
    """The arguments of a dataclass of settings that a JSON object has.

    Args:
        settings: the dataclass.
        context: the object.
        path: where it stands, for messages.

    Raises:
        ValueError: it is no object, or has a name that is no setting.
    """
    if not isinstance(context, dict):
        raise ValueError(f"cdktf.json: {path}={context!r}: an object of settings")
    hints = get_type_hints(settings)
    names = [each.name for each in fields(settings)]
    for name in context:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1) or [", ".join(names)]
            raise ValueError(f"cdktf.json: {path}.{name}={context[name]!r}: no setting; meant: {close[0]}?")
    return {name: _read(hints[name], value, f"{path}.{name}") for name, value in context.items()}


def _read(hint: Any, value: Any, path: str) -> Any:
    """A value of the context; what is a dataclass in the program is an object there."""
    if get_origin(hint) is list and is_dataclass(get_args(hint)[0]) and isinstance(value, list):
        return [_read(get_args(hint)[0], each, path) for each in value]
    for part in get_args(hint) if isinstance(hint, types.UnionType) else (hint,):
        if is_dataclass(part) and isinstance(value, dict):
            try:
                return part(**read(part, value, path))  # type: ignore[operator, arg-type]
            except TypeError:
                right = f"an object with {_needed(part)}"
                raise ValueError(f"cdktf.json: {path}={value!r}: {right}") from None
    return value


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(each, get_args(hint)[0]) for each in value)
    if get_origin(hint) is dict:
        return isinstance(value, dict) and all(_fits(each, get_args(hint)[1]) for each in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, hint) and not (hint is int and isinstance(value, bool))


def _shown(hint: Any) -> str:
    if isinstance(hint, types.UnionType):
        return " or ".join(_shown(part) for part in get_args(hint))
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if get_origin(hint) is list:
        return f"a list, each {_shown(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        return f"an object, each value {_shown(get_args(hint)[1])}"
    if is_dataclass(hint):
        return f"an object with {_needed(hint)}"
    return {
        "str": "text",
        "bool": "true or false",
        "int": "a whole number",
        "float": "a number",
        "NoneType": "nothing",
    }[hint.__name__]


def _needed(settings: Any) -> str:
    """The settings that have no default."""
    *most, last = [
        each.name for each in fields(settings) if each.default is MISSING and each.default_factory is MISSING
    ]
    return f"{', '.join(most)} and {last}" if most else last
