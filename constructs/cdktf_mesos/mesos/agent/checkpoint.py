"""What an agent is to say of itself, as `checkpoint.sh` compares it with what its predecessor wrote down."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from cdktf_mesos.mesos.agent.disks import Disk
from cdktf_mesos.mesos.agent.info import joined
from cdktf_mesos.mesos.agent.resources import Value, ranges, scalar_text
from cdktf_mesos.mesos.configuration import FlagValue

# A value that only Terraform knows, or Mesos alone reads; it is not compared.
_UNKNOWN = "?"

# What Mesos may read as a number or not, by release (stout, numify.hpp).
_ODD_NUMBER = r"[+-]?(0x[0-9a-f.p+-]+|[0-9.]+e[+-]?[0-9]+)"


def wanted_info(
    *,
    hostname: str,
    port: int | None,
    attributes: Mapping[str, Value],
    resources: Mapping[str, Value],
    disks: Sequence[Disk],
    default_role: FlagValue | None,
    domain: FlagValue | None,
) -> str:
    """What an agent is to say of itself: a line for each thing, its name and value with a tab between.

    Args:
        hostname: of the agent.
        port: of the agent; None where it is not known.
        attributes: of the agent.
        resources: that it is told to offer; what Mesos finds by itself is not compared.
        disks: its further disks.
        default_role: for which resources are reserved that name no role.
        domain: its `--domain`, as JSON or a path.
    """
    found = {"hostname": _UNKNOWN if _is_unknown(hostname) else hostname, "port": str(port or _UNKNOWN)}
    if domain is not None:
        found["domain"] = _domain(domain)
    for name, value in attributes.items():
        found[f"attribute {name}"] = _attribute(value)
    offered: dict[str, list[Value]] = {}
    for name, value in resources.items():
        kind, _, role = name.rstrip(")").partition("(")
        offered.setdefault(_resource(kind, role or default_role), []).append(value)
    for disk in disks:
        offered.setdefault(f"{_resource('disk', disk.role or default_role)}@{disk.path}", []).append(disk.mib)
    for name, values in offered.items():
        if _UNKNOWN in name:
            found[f"resource {_UNKNOWN}"] = _UNKNOWN
        elif (total := _sum(values)) is not None:
            found[name] = total
    return "\n".join(f"{name}\t{value}" for name, value in found.items())


def _resource(kind: str, role: FlagValue | None) -> str:
    unknown = role is not None and _is_unknown(role)
    return f"resource {kind}({_UNKNOWN if unknown else role or '*'})"


def _is_unknown(value: FlagValue) -> bool:
    """Whether only Terraform knows it. To ask the CDK would cost each agent some milliseconds.

    A number that stands for an expression is far from any that Mesos takes (CDKTF docs, tokens).
    """
    return "${TfToken[" in value if isinstance(value, str) else not 0 <= value < 2**53


def _domain(value: FlagValue) -> str:
    try:
        fault = json.loads(str(value))["fault_domain"]
        return f"{fault['region']['name']}/{fault['zone']['name']}"
    except (ValueError, KeyError, TypeError):
        return _UNKNOWN


def _attribute(value: Value) -> str:
    if _is_unknown(value):
        return _UNKNOWN
    text = str(value).strip()
    if text.startswith("["):
        return f"ranges:{_ranges(text)}"
    if not isinstance(value, str) or re.fullmatch(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)", text):
        return f"scalar:{scalar_text(float(value))}"
    return _UNKNOWN if re.fullmatch(_ODD_NUMBER, text.lower()) else f"text:{text}"


def _sum(values: Sequence[Value]) -> str | None:
    """What these are together; None where that is nothing, which Mesos leaves out."""
    if any(map(_is_unknown, values)):
        return _UNKNOWN
    texts = [str(value).strip() for value in values]
    if texts[0].startswith("["):
        return f"ranges:{_ranges(','.join(texts))}"
    if texts[0].startswith("{"):
        items = {item for text in texts for item in re.findall(r"[^\s,{}]+", text)}
        return f"set:{','.join(sorted(items))}"
    total = sum(map(float, values))
    return f"scalar:{scalar_text(total)}" if total else None


def _ranges(text: str) -> str:
    return ",".join(f"{first}-{last}" for first, last in joined(ranges(text)))
