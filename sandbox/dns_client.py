"""Questions to a name server."""

from __future__ import annotations

from contextlib import closing

from dnslib import DNSRecord  # type: ignore[import-untyped]

from sandbox.hosts import Host
from sandbox.live import eventually


def addresses(server: Host, name: str, *, tcp: bool = False, seconds: float = 5) -> set[str]:
    """The addresses that the name server on a host has for a name; none if it says that the name does not exist.

    Raises:
        OSError: it does not answer within `seconds`.
        DNSError: its answer cannot be read.
    """
    answer = DNSRecord.parse(DNSRecord.question(name).send(server.address, 53, tcp=tcp, timeout=seconds))
    return {str(each.rdata) for each in answer.rr}


def wait_for(server: Host, name: str, wanted: set[str]) -> None:
    """Wait until the name server on a host has exactly these addresses for a name.

    Raises:
        TimeoutError: it does not have them within a minute.
    """
    eventually(lambda: addresses(server, name) == wanted, f"{name} at {server.name}")


def from_container(host: Host, image: str, name: str, server: Host) -> set[str]:
    """The addresses that the C library finds for a name, in a container on a host's network with this name server.

    Marathon gives a name server to a task's container on the host's network in the same way, by the parameter `dns`.
    """
    with closing(host.docker()) as client:
        lines = client.containers.run(
            image, entrypoint=["getent", "ahostsv4", name], network_mode="host", dns=[server.address], remove=True
        ).decode()
    return {line.split()[0] for line in lines.splitlines()}
