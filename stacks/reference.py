"""Generates the reference of all settings from their classes: `python -m stacks.reference` (`--check` only compares).

It writes docs/settings.md for readers, and docs/cdktf-context.schema.json, with which editors check and complete
cdktf.json. A setting is described in one place, the docstring of its class.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from stacks.components import (
    AgentsSettings,
    ContainerSettings,
    GatedSettings,
    MarathonSettings,
    MastersSettings,
    ZookeeperSettings,
)
from stacks.dns.settings import DnsSettings
from stacks.explained import kind_of, members_of, setting_names
from stacks.model import Settings
from stacks.platform import MachinesSettings, PlatformSettings
from stacks.platforms import Platform
from stacks.pools import NumberedPool, Pool
from stacks.settings import Cluster

_DOCS = Path(__file__).parents[1] / "docs"
PAGE, SCHEMA = _DOCS / "settings.md", _DOCS / "cdktf-context.schema.json"

_HEAD = """\
# Settings

`python -m stacks.reference` generates this page from the classes in `stacks/`. To change it, change their docstrings.

In a program, settings are keyword arguments: `Cluster(name="dev", platform=Local(agents=2), …)`. Import their classes
from `stacks`. In `cdktf.json`, settings are JSON objects in `"context": {"cluster": {…}}`. An object there overrides
single settings of the program. A `platform` of another `kind` (`local`, `static` or `aws`) replaces the program's whole
platform; a list or a map replaces the program's list or map.
[cdktf-context.schema.json](cdktf-context.schema.json) is the JSON schema for `cdktf.json`; editors can use it.
"""

_TYPES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    type(None): "nothing",
    Any: "any value",
}


def main() -> int:
    """Write both files; with `--check`, name those that are not up to date instead."""
    parser = argparse.ArgumentParser(prog="python -m stacks.reference", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if a file is not up to date; write nothing")
    check = parser.parse_args().check
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path.name} is not up to date: run python -m stacks.reference", file=sys.stderr)
        else:
            path.write_text(files()[path])
    return 1 if check and stale else 0


def files() -> dict[Path, str]:
    """The content of both files."""
    return {PAGE: page(), SCHEMA: json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"}


def classes() -> list[type]:
    """The classes of settings, in the order of the page."""
    platforms = members_of(Platform)
    components = (ZookeeperSettings, MastersSettings, AgentsSettings, MarathonSettings, DnsSettings)
    shared = [ContainerSettings, GatedSettings, *components, PlatformSettings, MachinesSettings]
    found: list[type] = [Cluster, *shared, *platforms, Pool, NumberedPool]
    for cls in found:
        used = dict.fromkeys(each for hint in get_type_hints(cls).values() for each in _classes(hint))
        found += [each for each in used if each not in found]
    return found


def _classes(hint: Any) -> Iterator[type]:
    if is_dataclass(hint) or (isinstance(hint, type) and issubclass(hint, Settings)):
        assert isinstance(hint, type)
        yield hint
    for part in get_args(hint):
        yield from _classes(part)


def page() -> str:
    """The text of docs/settings.md."""
    return "\n".join([_HEAD, *(section(cls) for cls in classes())])


def section(cls: type) -> str:
    """The section of the page about a class: its own settings, and links to the classes that it inherits from."""
    hints, descriptions, defaults = get_type_hints(cls), described(cls), defaults_of(cls)
    purpose, *_ = (inspect.getdoc(cls) or "").split("\n\nArgs:")
    shared = [each for each in cls.__mro__[1:] if issubclass(each, Settings) and each is not Settings]
    lines = [f"## {cls.__name__}", "", re.sub(r"\n(?!\n)", " ", purpose).replace("\n ", "\n\n"), ""]
    if shared:
        known = ", ".join(f"[{each.__name__}](#{each.__name__.lower()})" for each in shared)
        lines += [f"Further settings: {known}.", ""]
    if kind_of(cls):
        lines += [f'In `cdktf.json`: `"kind": "{kind_of(cls)}"`.', ""]
    elsewhere = {name for each in shared for name in setting_names(each)}
    own = [name for name in setting_names(cls) if name not in elsewhere or name in _documented(cls)]
    if own:
        lines += ["| setting | type | |", "|---|---|---|"]
    for name in own:
        required = " **Required.**" if name not in defaults else ""
        lines.append(f"| `{name}` | {shown_type(hints[name])} | {_sentence(descriptions[name])}{required} |")
    return "\n".join([*lines, ""])


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:].replace("|", "\\|")


def described(cls: type) -> dict[str, str]:
    """The description of each setting of a class, from its docstring and those of the classes that it inherits from.

    Raises:
        ValueError: no docstring describes a setting, or one describes a setting that does not exist.
    """
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        found |= _documented(each)
    names = setting_names(cls)
    if wrong := set(names).symmetric_difference(found):
        raise ValueError(f"{cls.__name__}: settings and docstrings differ in {', '.join(sorted(wrong))}")
    return {name: found[name] for name in names}


def _documented(cls: type) -> dict[str, str]:
    """The descriptions in the section `Args:` of a class's own docstring."""
    _, _, text = inspect.cleandoc(cls.__dict__.get("__doc__") or "").partition("Args:\n")
    text = re.split(r"\n\n?\S", text)[0]
    items = re.findall(r"^    (\w+): (.*(?:\n     .*)*)", text, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", description) for name, description in items}


def defaults_of(cls: type) -> dict[str, Any]:
    """The optional settings of a class, with their defaults."""
    if is_dataclass(cls):
        return {each.name: each.default for each in fields(cls) if each.default is not MISSING}
    found = {}
    for each in msgspec.structs.fields(cls):
        if each.default is not msgspec.NODEFAULT:
            found[each.name] = each.default
        elif each.default_factory is not msgspec.NODEFAULT:
            found[each.name] = each.default_factory()
    return found


def shown_type(hint: Any) -> str:
    """A type in plain words, for the table."""
    parts = [each for each in members_of(hint) if each is not type(None)]
    if len(parts) > 1:
        return " or ".join(shown_type(each) for each in parts if each is not int or float not in parts)
    (part,) = parts
    if get_origin(part) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(part))
    if get_origin(part) in (list, tuple, Sequence):
        return f"list: {shown_type(get_args(part)[0])}"
    if get_origin(part) is dict:
        return f"map: {shown_type(get_args(part)[1])}"
    return _TYPES.get(part) or f"[{part.__name__}](#{part.__name__.lower()})"


def schema() -> dict[str, Any]:
    """The JSON schema of the part of cdktf.json that is about the cluster."""
    (made,), definitions = msgspec.json.schema_components([Cluster], ref_template="#/$defs/{name}")
    for cls in classes():
        if cls.__name__ in definitions:
            _complete(cls, definitions[cls.__name__])
    platform = definitions[Cluster.__name__]["properties"]["platform"]
    platform.pop("discriminator", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cdktf.json of cdktf-mesos",
        "type": "object",
        "properties": {"context": {"type": "object", "properties": {"cluster": made}}},
        "$defs": dict(sorted(definitions.items())),
    }


def _complete(cls: type, definition: dict[str, Any]) -> None:
    """Complete the schema of a class: add descriptions, and make settings optional that the program may have set."""
    definition["description"] = (inspect.getdoc(cls) or "").split("\n\nArgs:")[0].replace("\n", " ")
    definition["additionalProperties"] = False
    for name, description in described(cls).items():
        # The description has the default in words.
        definition["properties"][name].pop("default", None)
        definition["properties"][name]["description"] = description
    if not (is_dataclass(cls) or issubclass(cls, Pool)):
        # The program may have set them.
        definition.pop("required", None)


if __name__ == "__main__":
    sys.exit(main())
