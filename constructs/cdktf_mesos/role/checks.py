"""What every role checks about its hosts, ports and pins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from constructs import Construct

from cdktf_mesos.cdk import Annotations, Token
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.pin import Pin, require_same_configuration
from cdktf_mesos.image.release import Release


def read_image(role: Construct, image: str | Image) -> Image:
    """The image that a role is given; what is wrong with it is said of the role."""
    with in_errors(role):
        return Image.of(image)


def check_hosts(role: Construct, hosts: Sequence[DockerHost], leaving: Sequence[DockerHost]) -> None:
    """Refuse an empty list, unless members leave, and a host or address that stands in it twice."""
    if not isinstance(hosts, list | tuple) or not (hosts or leaving):
        raise invalid(role, "hosts", hosts, "a list of at least one DockerHost")
    several_stacks = len({host.stack.node.path for host in hosts}) > 1
    seen: dict[str, DockerHost] = {}
    for host in (*hosts, *leaving):
        if host in seen.values():
            raise invalid(role, "hosts", host.node.path, "each host once; this one is there twice")
        if Token.is_unresolved(host.address):
            if several_stacks:
                right = "an address known to the program: on several stacks each would have to wait for the others'"
                raise invalid(role, "hosts", host.node.path, right)
        elif host.address in seen:
            right = f"hosts of different addresses; {seen[host.address].node.path} has {host.address} as well"
            raise invalid(role, "hosts", host.node.path, right)
        seen[host.address] = host


def check_reachable(role: Construct, hosts: Sequence[DockerHost]) -> None:
    """Refuse a loopback address or host name where the hosts are on several machines, as their engines tell."""
    # All sockets are on the machine that runs Terraform, for all that is known.
    machines = {host: "unix://" if host.engine.startswith("unix://") else host.engine for host in hosts}
    for host in hosts if len({*machines.values()}) > 1 else ():
        if host.is_loopback:
            argument = "address" if host.address.startswith("127.") else "hostname"
            other = next(each for each in hosts if machines[each] != machines[host])
            right = f"what other machines reach this one by; {other.node.path} is on another: {other.engine}"
            raise invalid(role, f"{host.node.path}: {argument}", getattr(host, argument), right)


def check_odd(role: Construct, hosts: Sequence[DockerHost]) -> None:
    """Refuse a set that would have no use of its last member."""
    count = len(hosts)
    if count % 2 == 0:
        right = (
            f"an odd number: {count} need a quorum of {count // 2 + 1} and so survive the loss of "
            f"{count - count // 2 - 1}, no more than {count - 1} do"
        )
        raise invalid(role, "hosts", f"{count} hosts", right)


def check_port(role: Construct, host: DockerHost, argument: str, port: int) -> None:
    """Refuse what is no port, and a port that another member has on the host."""
    if type(port) is not int or not 1 <= port <= 65535:
        raise invalid(role, argument, port, "a port from 1 to 65535")
    host.claims.take("port", port, role, argument)


def require_same_configuration_on(
    host: DockerHost,
    role: Construct,
    image: Image,
    known: Sequence[tuple[int, int]],
    configuration: Callable[[Release], object],
) -> None:
    """Let the image's pin, where it has one, take only values that the configuration on this host is right for."""
    if not known:
        return
    release = image.parsed_release()
    if (release.major, release.minor) > known[-1]:
        newest = ".".join(map(str, known[-1]))
        text = f"{role.node.path}: release {release} is newer than {newest}, whose flags are used for it"
        Annotations.of(host).add_warning(text)
    if isinstance(image.version, Pin):
        require_same_configuration(
            image.version.declare(host.stack),
            member=role.node.id,
            pin=image.version,
            known=known,
            configuration=configuration,
        )
