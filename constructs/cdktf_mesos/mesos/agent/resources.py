"""Agents' resources and attributes, as text that Mesos reads (Mesos docs, "Mesos Attributes & Resources")."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid

Value = int | float | str
"""A number, ranges (`[31000-32000]`), a set (`{a,b}`), text (attributes only), or a Terraform expression."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_./-]*"
# The role that a resource is reserved for. Mesos refuses the characters excluded here, and roles '.', '..' and '-…'.
_ROLE = r"\((?![.]{1,2}\)|-)[^\s/\\()]+(?:/[^\s/\\()]+)*\)"
_RANGES = r"\[\s*[0-9]+\s*-\s*[0-9]+\s*(?:,\s*[0-9]+\s*-\s*[0-9]+\s*)*\]"
_TEXT = r"[^\s;:,{}\[\]()][^\s;:{}\[\]()]*"
_SET = r"\{\s*[^\s,{}\[\];:]+\s*(?:,\s*[^\s,{}\[\];:]+\s*)*\}"
_SCALARS = ("cpus", "mem", "disk", "gpus")


def resources_text(role: Construct, resources: Mapping[str, Value]) -> str:
    """`{"cpus": 4, "mem": 2048, "ports": "[31000-32000]", "cpus(web)": 2}` as `cpus:4;mem:2048;…`.

    Raises:
        ValueError: a name, role, number, range or set that Mesos would refuse.
    """
    return ";".join(f"{name}:{_resource(role, name, value)}" for name, value in resources.items())


def attributes_text(role: Construct, attributes: Mapping[str, Value]) -> str:
    """`{"rack": "a", "level": 3}` as `rack:a;level:3`.

    Raises:
        ValueError: a name or value that Mesos would refuse or misread.
    """
    return ";".join(f"{name}:{_attribute(role, name, value)}" for name, value in attributes.items())


def _is_expression(value: Value) -> bool:
    # The runtime behind Token does not accept nan.
    return (isinstance(value, str) or math.isfinite(value or 0)) and Token.is_unresolved(value)


def resource_name(role: Construct, argument: str, name: str, value: object) -> None:
    """Refuse a resource's name, or the role in brackets after it, if Mesos would refuse it."""
    if not re.fullmatch(f"{_NAME}(?:{_ROLE})?", name):
        remedy = "Use a resource's name, with the role in brackets if it is reserved, such as 'cpus(web)'"
        raise invalid(role, argument, value, remedy)


def _resource(role: Construct, name: str, value: Value) -> str:
    argument = f"resources[{name!r}]"
    resource_name(role, argument, name, value)
    if _is_expression(value):
        return Token.as_string(value)
    kind = name.partition("(")[0]
    if isinstance(value, str) and value.strip().startswith("["):
        if kind in _SCALARS:
            raise invalid(role, argument, value, f"Use a number: {kind} cannot be ranges")
        return _ranges(role, argument, value)
    if kind == "ports":
        raise invalid(role, argument, value, "Use ranges, such as '[31000-32000]'")
    if isinstance(value, str) and value.strip().startswith("{"):
        if kind in _SCALARS:
            raise invalid(role, argument, value, f"Use a number: {kind} cannot be a set")
        return _set(role, argument, value)
    return _scalar(role, argument, value, whole=kind == "gpus")


def _attribute(role: Construct, name: str, value: Value) -> str:
    argument = f"attributes[{name!r}]"
    if not re.fullmatch(_NAME, name):
        remedy = "Use a name of letters, digits, '_', '.', '/' and '-' that begins with a letter, a digit or '_'"
        raise invalid(role, argument, value, remedy)
    if _is_expression(value):
        return Token.as_string(value)
    if not isinstance(value, str):
        return _scalar(role, argument, value, whole=False)
    if value.strip().startswith("["):
        return _ranges(role, argument, value)
    # Mesos would remove blanks silently. The agent exits if there are brackets. Releases before 0.24 do not accept ':'.
    if not re.fullmatch(_TEXT, value) or value.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        remedy = "Use text without blanks, ';', ':' and brackets, or a number, or ranges"
        raise invalid(role, argument, value, remedy)
    return value


def _scalar(role: Construct, argument: str, value: Value, *, whole: bool) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        remedy = "Use a number, ranges such as '[31000-32000]' or a set such as '{a,b}': resources cannot be text"
        raise invalid(role, argument, value, remedy) from None
    if isinstance(value, bool) or not 0 <= number < 2**53 or number != round(number, 3):
        raise invalid(role, argument, value, "Use a number, 0 or more, with at most three decimals")
    if whole and number != int(number):
        raise invalid(role, argument, value, "Use a whole number")
    return scalar_text(number)


def scalar_text(number: float) -> str:
    """A number as text, with the three decimals that Mesos compares, but without zeros at the end."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def ranges(value: str) -> list[tuple[int, int]]:
    """The bounds in `[31000-32000, 33000-34000]`."""
    return [(int(first), int(last)) for first, last in re.findall(r"([0-9]+)\s*-\s*([0-9]+)", value)]


def _ranges(role: Construct, argument: str, value: str) -> str:
    if not re.fullmatch(_RANGES, value.strip()):
        raise invalid(role, argument, value, "Use ranges, such as '[31000-32000, 33000-34000]'")
    for first, last in ranges(value):
        if first > last:
            raise invalid(role, argument, value, f"Swap the bounds of {first}-{last}: the lower one comes first")
        if argument.startswith("resources['ports") and last > 65535:
            raise invalid(role, argument, value, "Use ports up to 65535")
    return "[" + ",".join(f"{first}-{last}" for first, last in ranges(value)) + "]"


def _set(role: Construct, argument: str, value: str) -> str:
    if not re.fullmatch(_SET, value.strip()):
        raise invalid(role, argument, value, "Use a set, such as '{a,b}'")
    items = re.findall(r"[^\s,{}]+", value)
    if len(items) != len(set(items)):
        raise invalid(role, argument, value, "Remove the duplicates: a set has each item only once")
    return re.sub(r"\s", "", value)
