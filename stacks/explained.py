"""Errors of settings in plain words. msgspec's own messages are about its types."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cdktf_mesos.errors import invalid, shown

# The key of an object in a context that says which of several classes it is.
KIND = "kind"

# Plain words for the types in msgspec's messages.
_WORDS = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "array": "a list",
    "object": "an object of settings",
    "null": "null",
}


def setting_names(cls: type) -> list[str]:
    """The names of the settings of a class."""
    names: tuple[str, ...] = getattr(cls, "__struct_fields__", ())
    return [each.name for each in fields(cls)] if is_dataclass(cls) else [*names]


def members_of(hint: Any) -> tuple[Any, ...]:
    """The types that a value may have: those of a union, or the single one."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def kind_of(cls: Any) -> Any:
    """The `kind` of a class in a context; None if it has none."""
    return cls.__struct_config__.tag if hasattr(cls, "__struct_config__") else None


def _has_settings(cls: Any) -> bool:
    return is_dataclass(cls) or hasattr(cls, "__struct_config__")


def explained(cls: type, values: Mapping[str, Any], problem: str, path: str, where: str, prefix: str) -> ValueError:
    """The error for a message of msgspec.

    Args:
        cls: the class of the settings.
        values: the values that msgspec was given.
        problem: msgspec's message.
        path: the path of the setting in `values`, such as `.platform.pools[0].first`.
        where: what errors begin with: the class, or `cdktf.json`.
        prefix: the path of `values` in cdktf.json; empty for a program.
    """
    path, entry, _ = path.partition("[...]")
    value, name, path_of_value = _at(values, path)
    classes = {owner: found for owner, found, _ in objects_in(cls, values, "")}
    argument = f"{prefix}{path_of_value}".removeprefix(".")
    if found := re.match("Object contains unknown field `(.*)`", problem):
        full = f"{prefix}{path}.{found[1]}".removeprefix(".")
        return unknown(where, full, value[found[1]], classes.get(path, cls), found[1])
    if found := re.match("Object missing required field `(.*)`", problem):
        if not path:
            missing = f"{prefix}.{found[1]}".removeprefix(".")
            return invalid(where, missing, None, "Set it: it has no default")
        remedy = f"Set {found[1]} as well: it has no default"
    else:
        wanted = _wanted(classes, problem, path, name)
        remedy = f"Use {wanted}" if wanted else problem
        if entry:
            # msgspec does not say which entry of the object is wrong.
            remedy = f"Use an object in which each value is {wanted or problem}"
    return invalid(where, argument, _safe(name, value), remedy)


def _wanted(classes: Mapping[str, type], problem: str, path: str, name: str) -> str:
    """What a value must be, in plain words; empty if only msgspec's own message says it."""
    if found := re.match("Expected `(.*)`, got", problem):
        words = found[1].split(" | ")
        # "A number" includes whole numbers.
        wanted = " or ".join(_WORDS.get(word, word) for word in words if word != "int" or "float" not in words)
        place = _moved(classes.get(path.rpartition(".")[0])).get(name) if "object" in words else None
        return f"{wanted}: {place}" if place else wanted
    return _choices(classes, path, name)


def _at(values: Any, path: str) -> tuple[Any, str, str]:
    """The value at a path, the name of its setting, and the path as far as it exists."""
    name, walked = "", ""
    for part in re.findall(r"\.[^.\[]+|\[\d+\]", path):
        if part.startswith("."):
            name = part[1:]
            values = values.get(name) if isinstance(values, Mapping) else getattr(values, name)
        else:
            values = values[int(part[1:-1])]
        walked += part
    return values, name, walked


def objects_in(hint: Any, value: Any, path: str) -> Iterator[tuple[str, type, dict[str, Any]]]:
    """The objects of settings in a value of JSON, with their paths and classes."""
    members = members_of(hint)
    if isinstance(value, list):
        for item in (get_args(member)[0] for member in members if get_origin(member) is list):
            for index, each in enumerate(value):
                yield from objects_in(item, each, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        classes = {kind_of(each): each for each in members if _has_settings(each)}
        if cls := classes.get(value.get(KIND), next(iter(classes.values())) if len(classes) == 1 else None):
            yield path, cls, dict(value)
            hints = get_type_hints(cls)
            for name, each in value.items():
                if name in hints:
                    yield from objects_in(hints[name], each, f"{path}.{name}")


def unknown(where: str, argument: str, value: object, cls: type, name: str) -> ValueError:
    """The error for a setting that does not exist. It names the one that was probably meant.

    Args:
        where: what errors begin with: the class, or `cdktf.json`.
        argument: the path of the setting.
        value: its value.
        cls: the class of settings that does not have it.
        name: its name.
    """
    if place := _moved(cls).get(name):
        remedy = f"Use {place}: there is no setting {name!r}"
    elif close := difflib.get_close_matches(name, setting_names(cls), n=1):
        remedy = f"There is no setting {name!r}. Did you mean {close[0]!r}?"
    else:
        remedy = f"Remove it: the settings here are {', '.join(setting_names(cls))}"
    return invalid(where, argument, _safe(name, value), remedy)


def _moved(cls: Any) -> Mapping[str, str]:
    moved: Mapping[str, str] = getattr(cls, "moved", {})
    return moved


def _choices(classes: Mapping[str, type], path: str, name: str) -> str:
    """The values that a setting may have, if it is one of a few; otherwise empty."""
    owner = path.rpartition(".")[0]
    if name == KIND:
        hint = get_type_hints(classes[owner.rpartition(".")[0]])[owner.rpartition(".")[2]]
        return " or ".join(repr(kind_of(each)) for each in members_of(hint))
    hints = get_type_hints(classes[owner])
    literals = [each for each in members_of(hints[name]) if get_origin(each) is Literal]
    return " or ".join(repr(choice) for each in literals for choice in get_args(each))


def _safe(name: str, value: Any) -> Any:
    """The value for an error's message, without parts that may be a secret."""
    if isinstance(value, Mapping):
        return {key: "…" if name == "environment" else _safe(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_safe(name, each) for each in value]
    return f"{type(value).__name__}(…)" if _has_settings(type(value)) else shown(name, value)
