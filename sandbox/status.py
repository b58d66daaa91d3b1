"""Describes what runs in the sandbox, in lines for a person (`make status`)."""

from __future__ import annotations

import contextlib

from sandbox import hosts, machine, network, paths, registry
from sandbox.ec2 import server
from sandbox.process import run


def lines() -> list[str]:
    """A line each for machine, bridge, registry, EC2, every image and host, and the cache."""
    found = [
        f"machine   {machine.unavailable() or 'can run a sandbox'}; {machine.cgroup_version()}",
        f"bridge    {paths.BRIDGE} {paths.BRIDGE_ADDRESS if network.exists(paths.BRIDGE) else 'missing'}",
    ]
    if registry.answers():
        found.append(f"registry  {paths.REGISTRY}")
        found += [f"  image   {name}" for name in registry.images()]
    else:
        found.append("registry  " + ("does not answer" if registry.pids() else "off"))
    found += [f"ec2       {server.API.url if server.API.answers() else 'does not answer'}"] if server.pids() else []
    found += [_host(host) for host in hosts.existing()] or ["hosts     none"]
    size = run("du", "-sh", paths.cache()).split()[0] if paths.cache().is_dir() else "nothing"
    found.append(f"cache     {paths.cache()}: {size}")
    return found


def _host(host: hosts.Host) -> str:
    start = f"{host.name:<9} {host.address}"
    if isinstance(host, hosts.VirtualMachine):
        start += f" {host.kind_name}"
    if not host.is_on:
        return f"{start} off"
    faults = "" if network.is_up(host.name) else ", cut off from the network"
    if host.disk_is_full:
        faults += ", disk full"
    if isinstance(host, hosts.VirtualMachine) and not host.kind.has_engine:
        return f"{start} on{faults}"
    if not host.engine_answers():
        return f"{start} on{faults}, engine does not answer"
    with contextlib.closing(host.docker()) as client:
        names = [str(container.name) for container in client.containers.list()]
        return f"{start} on{faults}, engine {client.version()['Version']}, containers: {', '.join(names) or 'none'}"
