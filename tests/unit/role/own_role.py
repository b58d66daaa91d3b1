"""Chronos, another framework, as a role of one's own: a complete example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constructs import Construct

from cdktf_mesos import (
    Bump,
    ContainerOptions,
    ContainerSpec,
    DockerHost,
    Image,
    MesosMasterSet,
    Mount,
    Port,
    Probe,
    Release,
    Role,
)

# Default port of its API.
PORT = 4400


class Chronos(Role):
    """Chronos, with its state in the masters' ZooKeeper."""

    role = "chronos"
    listens_on = (Port("port", PORT, {"control": "Chronos to its leader", "bastion": "The UI of Chronos"}),)
    http_port = "port"
    releases = ((2, 4), (2, 5), (3, 0))

    def __init__(
        self, scope: Construct, id_: str, *, hosts: Sequence[DockerHost], masters: MesosMasterSet, image: str | Image,
        port: int = PORT, options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:  # fmt: skip
        super().__init__(
            scope, id_, hosts=hosts, image=image, ports={"port": port},
            probe=Probe.http(port, "/ping", release_path="/version"), uses=[masters], options=options,
        )  # fmt: skip
        self._masters = masters
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The container on a host."""
        words = ["--master", self._masters.url, "--http_port", str(self.ports["port"])]
        words += ["--cluster_name", "jobs"] if release >= Release(3, 0) else []
        data = Mount(f"{host.data_dir}/{self.container_name}", "/var/lib/chronos")
        return ContainerSpec(environment={"LIBPROCESS_IP": host.address}, command=words, mounts=[data])

    @staticmethod
    def bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
        """An older release must not follow a newer one."""
        if wanted < deployed:
            yield Bump("error", "an older release cannot read what a newer one has written", "Chronos docs")
