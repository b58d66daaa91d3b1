"""Puts the data of an archive onto a server's machine, before the server's first start."""

from __future__ import annotations

import tarfile
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.container.names import LABEL
from cdktf_mesos.operations.backup.manifest import DATA, LOGS, Manifest, Part
from cdktf_mesos.operations.engine import Client, engine, pull
from cdktf_mesos.operations.ensemble import DATA as DATA_DIRECTORY
from cdktf_mesos.operations.ensemble import LOGS as LOGS_DIRECTORY
from cdktf_mesos.operations.ensemble import Server
from cdktf_mesos.role.probe import ASK

SCRIPT = Path(__file__).with_name("install.sh")
"""What runs in a container of the server's image; it lists its arguments. It comes after `ASK`."""

# What install.sh calls the files, by the directory of the archive; and where the server's container has them.
_KINDS = {DATA: ("data", DATA_DIRECTORY), LOGS: ("log", LOGS_DIRECTORY)}


@dataclass(frozen=True)
class Content:
    """An archive that was unpacked.

    Args:
        manifest: its manifest.
        directory: where its files are.
    """

    manifest: Manifest
    directory: Path

    @property
    def sums(self) -> str:
        """The digests of ZooKeeper's files, as install.sh takes them."""
        return "\n".join(
            f"{part.sha256} {kind}/{name}"
            for place, (kind, _) in _KINDS.items()
            for name, part in self.manifest.parts_in(place).items()
        )


def check(server: Server, content: Content, seconds: float) -> None:
    """Check that a server may get the data.

    Raises:
        RuntimeError: it runs, it has other data, or its engine cannot be reached.
    """
    _run(server, "check", content, seconds)


def install(server: Server, content: Content, seconds: float) -> None:
    """Give a server the data. If it has them already, nothing changes; raises what `check` does."""
    _run(server, "install", content, seconds)


def runs(client: Client, container: str) -> bool:
    """Whether a container runs, or is started again and again."""
    found = client.containers(all=True, filters={"name": [f"^/{container}$"]})
    return any(each["State"] not in ("created", "exited", "dead") for each in found)


def _run(server: Server, step: str, content: Content, seconds: float) -> None:
    if server.host.connection is None:
        raise RuntimeError(server.host.error)
    address, _, port = server.member.address.rpartition(":")
    arguments = [step, address, port, server.my_id, DATA_DIRECTORY, LOGS_DIRECTORY]
    with engine(server.host.connection, seconds) as client:
        if runs(client, server.member.container):
            raise RuntimeError(f"it runs: if its data may go, stop it first: docker stop {server.member.container}")
        pull(client, server.image, server.host.connection)
        container = client.create_container(
            server.image,
            name=f"cdktf-mesos-restore-{uuid.uuid4().hex[:12]}",
            entrypoint=scripts.words("restore", ASK, SCRIPT, arguments=arguments),
            environment=[f"SUMS={content.sums}"],
            labels={f"{LABEL}restore": "yes"},
            user="0:0",
            host_config=client.create_host_config(
                binds=[f"{server.data}:{DATA_DIRECTORY}", f"{server.logs}:{LOGS_DIRECTORY}"], network_mode="host"
            ),
        )["Id"]
        try:
            if step == "install":
                for place, (_, target) in _KINDS.items():
                    _put(client, container, target, content.directory / place, content.manifest.parts_in(place))
            client.start(container)
            code = int(client.wait(container, timeout=int(seconds))["StatusCode"])
            text = client.logs(container).decode(errors="replace").strip()
        finally:
            client.remove_container(container, force=True, v=True)
    if code:
        raise RuntimeError(text or f"the container that prepares its data ended with exit code {code}")


def _put(client: Client, container: str, target: str, directory: Path, parts: Mapping[str, Part]) -> None:
    """Put files into the directory `.restored` in a directory of a container."""
    owner = next((part.owner for part in parts.values()), (0, 0))
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w:") as archive:
            place = tarfile.TarInfo(".restored")
            place.type, place.mode, (place.uid, place.gid) = tarfile.DIRTYPE, 0o755, owner
            archive.addfile(place)
            for name, part in parts.items():
                member = tarfile.TarInfo(f".restored/{name}")
                member.size, member.mode, (member.uid, member.gid) = part.size, 0o644, part.owner
                with (directory / name).open("rb") as content:
                    archive.addfile(member, content)
        packed.seek(0)
        client.put_archive(container, target, packed)
