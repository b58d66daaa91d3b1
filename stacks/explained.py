"""What is wrong with settings, in the words of a person: msgspec says it in those of its types."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cdktf_mesos.errors import shown

# The name by which a context says which of several classes an object is.
KIND = "kind"

# What msgspec expects, in the words of a person.
_WORDS = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "array": "a list",
    "object": "an object of settings",
    "null": "nothing",
}


def setting_names(cls: type) -> list[str]:
    """The names of the settings of a class."""
    names: tuple[str, ...] = getattr(cls, "__struct_fields__", ())
    return [each.name for each in fields(cls)] if is_dataclass(cls) else [*names]


def members_of(hint: Any) -> tuple[Any, ...]:
    """The types of which a value has one."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def kind_of(cls: Any) -> Any:
    """By what a context tells a class from others that a setting may have; None where there are no others."""
    return cls.__struct_config__.tag if hasattr(cls, "__struct_config__") else None


def _has_settings(cls: Any) -> bool:
    return is_dataclass(cls) or hasattr(cls, "__struct_config__")


def explained(cls: type, values: Mapping[str, Any], problem: str, path: str, where: str, colon: str) -> ValueError:
    """The error for what msgspec says of the value at a path, `.platform.pools[0].first`."""
    path, entry, _ = path.partition("[...]")
    value, name, shown_path = _at(values, path)
    classes = {owner: found for owner, found, _ in objects_in(cls, values, "")}
    if found := re.match("Object contains unknown field `(.*)`", problem):
        full = f"{path}.{found[1]}".removeprefix("." if colon else "")
        return unknown(f"{where}{colon}{full}", value[found[1]], classes.get(path, cls), found[1])
    if found := re.match("Object missing required field `(.*)`", problem):
        if not path:
            return ValueError(f"{where}{colon}{found[1]} is missing")
        right = f"{found[1]} as well"
    elif found := re.match("Expected `(.*)`, got", problem):
        words = found[1].split(" | ")
        # A number may be a whole one.
        right = " or ".join(_WORDS.get(word, word) for word in words if word != "int" or "float" not in words)
        if "object" in words and (place := _moved(classes.get(path.rpartition(".")[0])).get(name)):
            right += f": {place}"
    else:
        right = _choices(classes, path, name) or problem
    if entry:
        # msgspec does not say which.
        right = f"an object, each value {right}"
    shown_path = shown_path.removeprefix("." if colon else "")
    return ValueError(f"{where}{colon}{shown_path}={_safe(name, value)!r}: {right}")


def _at(values: Any, path: str) -> tuple[Any, str, str]:
    """The value at a path, the name of the setting that has it, and the path up to it."""
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
    """The objects in a value of JSON that stand for settings, with their paths and classes."""
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


def unknown(where: str, value: object, cls: type, name: str) -> ValueError:
    """The error for a name that no setting has, with the one that is meant."""
    if place := _moved(cls).get(name):
        return ValueError(f"{where}={_safe(name, value)!r}: no setting; it is {place}")
    names = setting_names(cls)
    close = difflib.get_close_matches(name, names, n=1) or [", ".join(names)]
    return ValueError(f"{where}={_safe(name, value)!r}: no setting; meant: {close[0]}?")


def _moved(cls: Any) -> Mapping[str, str]:
    moved: Mapping[str, str] = getattr(cls, "moved", {})
    return moved


def _choices(classes: Mapping[str, type], path: str, name: str) -> str:
    """The values that a setting may have, where these are few."""
    owner = path.rpartition(".")[0]
    if name == KIND:
        hint = get_type_hints(classes[owner.rpartition(".")[0]])[owner.rpartition(".")[2]]
        return " or ".join(repr(kind_of(each)) for each in members_of(hint))
    hints = get_type_hints(classes[owner])
    literals = [each for each in members_of(hints[name]) if get_origin(each) is Literal]
    return " or ".join(repr(choice) for each in literals for choice in get_args(each))


def _safe(name: str, value: Any) -> Any:
    """A value as an error may show it: without what may be a secret."""
    if isinstance(value, Mapping):
        return {key: "…" if name == "environment" else _safe(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_safe(name, each) for each in value]
    return f"{type(value).__name__}(…)" if _has_settings(type(value)) else shown(name, value)
