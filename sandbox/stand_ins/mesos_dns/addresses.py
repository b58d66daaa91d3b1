"""The addresses of agents, frameworks and tasks in the masters' state."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

# The labels in which old executors reported the addresses of containers (Mesos-DNS docs, IPSources).
_LABELS = {
    "docker": "Docker.NetworkSettings.IPAddress",
    "mesos": "MesosContainerizer.NetworkSettings.IPAddress",
}


def of_pid(pid: str) -> tuple[str, int]:
    """Address and port of `slave(1)@10.0.0.21:5051`; nothing and 0 if it has none."""
    match = re.search(r"@([0-9.]+):(\d+)$", pid)
    return (match[1], int(match[2])) if match else ("", 0)


def resolved(name: str) -> str:
    """The IPv4 address of a host's name; nothing if there is none."""
    try:
        return socket.gethostbyname(name) if name else ""
    except OSError:
        return ""


def of_task(task: Mapping[str, Any], agent: str, sources: Sequence[str]) -> list[str]:
    """The addresses of a task by the first source that has one."""
    running = [each for each in task.get("statuses", []) if each["state"] == "TASK_RUNNING"]
    status: Mapping[str, Any] = max(running, key=lambda each: float(each.get("timestamp", 0)), default={})
    for source in sources:
        found = [agent] if source == "host" else _reported(status, source)
        if found:
            return found
    return []


def _reported(status: Mapping[str, Any], source: str) -> list[str]:
    if source == "netinfo":
        networks = status.get("container_status", {}).get("network_infos", [])
        found = [each.get("ip_address", "") for network in networks for each in network.get("ip_addresses", [])]
    else:
        found = [each["value"] for each in status.get("labels", []) if each["key"] == _LABELS[source]]
    return [each for each in found if _is_ipv4(each)]


def _is_ipv4(text: str) -> bool:
    try:
        return bool(IPv4Address(text))
    except ValueError:
        return False
