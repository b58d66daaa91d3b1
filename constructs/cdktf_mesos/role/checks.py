"""What every role checks about its hosts, ports and pins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.expressions import TOKEN
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.pin import Pin, require_same_configuration
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.ports import Protocol


def read_image(role: Construct, image: str | Image) -> Image:
    """The image that a role was given. Errors about it begin with the role's path."""
    with in_errors(role):
        return Image.of(image)


def check_hosts(role: Construct, hosts: Sequence[DockerHost], leaving: Sequence[DockerHost]) -> None:
    """Refuse an empty list, unless members leave, and a host or address that occurs twice."""
    if not isinstance(hosts, list | tuple) or not (hosts or leaving):
        raise invalid(role, "hosts", hosts, "Use a list of at least one DockerHost")
    several_stacks = len({host.stack for host in hosts}) > 1
    seen: dict[str, DockerHost] = {}
    for host in (*hosts, *leaving):
        if host in seen.values():
            raise invalid(role, "hosts", host.node.path, "Pass each host once: this one is in the list twice")
        if re.search(TOKEN, host.address):
            if several_stacks:
                remedy = (
                    "Give the host a literal address, not an expression: with a role on several stacks, each stack "
                    "would have to wait for the addresses in the others"
                )
                raise invalid(role, "hosts", host.node.path, remedy)
        elif host.address in seen:
            remedy = f"Use hosts with different addresses: {seen[host.address].node.path} also has {host.address}"
            raise invalid(role, "hosts", host.node.path, remedy)
        seen[host.address] = host


def check_reachable(role: Construct, hosts: Sequence[DockerHost]) -> None:
    """Refuse a loopback address or host name if the hosts are on several machines, judging by their engines."""
    # All unix:// engines count as one machine, the one that runs Terraform.
    machines = {host: "unix://" if host.engine.startswith("unix://") else host.engine for host in hosts}
    for host in hosts if len({*machines.values()}) > 1 else ():
        if host.is_loopback:
            argument = "address" if host.address.startswith("127.") else "hostname"
            other = next(each for each in hosts if machines[each] != machines[host])
            remedy = (
                f"Use one at which other machines reach this one: {other.node.path} is on another machine, "
                f"{other.engine}"
            )
            raise invalid(role, f"{host.node.path}: {argument}", getattr(host, argument), remedy)


def check_odd(role: Construct, hosts: Sequence[DockerHost]) -> None:
    """Refuse an even number of members: such a set survives no more losses than one with a member less."""
    count = len(hosts)
    if count % 2 == 0:
        remedy = (
            f"Use an odd number: {count} need a quorum of {count // 2 + 1}, so they survive the loss of "
            f"{count - count // 2 - 1}, no more than with {count - 1}"
        )
        raise invalid(role, "hosts", f"{count} hosts", remedy)


def check_port(
    role: Construct, host: DockerHost, argument: str, port: int, protocols: Sequence[Protocol] = ("tcp",)
) -> None:
    """Refuse an invalid port number, and a port that another member on the host uses."""
    if type(port) is not int or not 1 <= port <= 65535:
        raise invalid(role, argument, port, "Use a port from 1 to 65535")
    host.claims.take("port", port, role, argument)
    if "udp" in protocols:
        host.claims.take("UDP port", port, role, argument)


def require_same_configuration_on(
    host: DockerHost,
    role: Construct,
    image: Image,
    known: Sequence[tuple[int, int]],
    configuration: Callable[[Release], object],
) -> None:
    """Have the plan refuse values of the image's pin that would need another configuration on this host.

    Does nothing if `known` is empty. Warns of a release that is newer than all known ones.
    """
    if not known:
        return
    release = image.parsed_release()
    if (release.major, release.minor) > known[-1]:
        newest = ".".join(map(str, known[-1]))
        text = f"{role.node.path}: release {release} is newer than {newest}, the newest known one, whose flags it gets"
        Annotations.of(host).add_warning(text)
    if isinstance(image.version, Pin):
        require_same_configuration(
            image.version.declare(host.stack),
            member=role.node.id,
            pin=image.version,
            known=known,
            configuration=configuration,
        )
