"""The info that an agent is to report, in the form that `checkpoint.sh` compares with its predecessor's checkpoint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from cdktf_mesos.mesos.agent.disks import Disk
from cdktf_mesos.mesos.agent.info import merged
from cdktf_mesos.mesos.agent.resources import Value, ranges, scalar_text
from cdktf_mesos.mesos.configuration import FlagValue

# Stands for a value that is not compared: only Terraform knows it, or only Mesos can read it.
_UNKNOWN = "?"

# Text that some releases of Mesos read as a number and others do not (stout, numify.hpp).
_ODD_NUMBER = r"[+-]?(0x[0-9a-f.p+-]+|[0-9.]+e[+-]?[0-9]+)"


def info_to_report(
    *,
    hostname: str,
    port: int | None,
    attributes: Mapping[str, Value],
    resources: Mapping[str, Value],
    disks: Sequence[Disk],
    default_role: FlagValue | None,
    domain: FlagValue | None,
) -> str:
    """The info that an agent is to report: one line for each entry, with a tab between name and value.

    Args:
        hostname: the agent's host name.
        port: the port that the agent reports; None if it is not known.
        attributes: the agent's attributes.
        resources: the resources that the pool sets. Those that Mesos finds itself are not compared.
        disks: the agent's further disks.
        default_role: the role that resources without a role are reserved for.
        domain: the agent's flag `--domain`: JSON, or a path.
    """
    info = {"hostname": _UNKNOWN if _is_unknown(hostname) else hostname, "port": str(port or _UNKNOWN)}
    if domain is not None:
        info["domain"] = _domain(domain)
    for name, value in attributes.items():
        info[f"attribute {name}"] = _attribute(value)
    offered: dict[str, list[Value]] = {}
    for name, value in resources.items():
        kind, _, role = name.rstrip(")").partition("(")
        offered.setdefault(_resource(kind, role or default_role), []).append(value)
    for disk in disks:
        offered.setdefault(f"{_resource('disk', disk.role or default_role)}@{disk.path}", []).append(disk.mib)
    for name, values in offered.items():
        if _UNKNOWN in name:
            info[f"resource {_UNKNOWN}"] = _UNKNOWN
        elif (total := _sum(values)) is not None:
            info[name] = total
    return "\n".join(f"{name}\t{value}" for name, value in info.items())


def _resource(kind: str, role: FlagValue | None) -> str:
    unknown = role is not None and _is_unknown(role)
    return f"resource {kind}({_UNKNOWN if unknown else role or '*'})"


def _is_unknown(value: FlagValue) -> bool:
    """Whether only Terraform knows the value. A call of the CDK would take some milliseconds for each agent.

    The CDK represents an expression by a number that is outside the range that Mesos accepts (CDKTF docs, tokens).
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
    """The sum of the values; None if it is zero, as Mesos leaves such a resource out."""
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
    return ",".join(f"{first}-{last}" for first, last in merged(ranges(text)))
