"""Builds images on a separate host, hs0, and pushes them, so that the other hosts have no image before they pull it."""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import docker

from sandbox import cache, hostfiles, hosts, paths, power, registry
from sandbox.images.recipe import Recipe
from sandbox.process import wait_until

KEY_LABEL = "cdktf-mesos.sandbox.key"
_LABELS = {"cdktf-mesos.sandbox": "a part for tests, built from package registries; not the public image of this name"}


def is_current(recipe: Recipe) -> bool:
    """Whether the registry has the image as the recipe describes it now."""
    return registry.label(recipe.name, KEY_LABEL) == recipe.key


@contextlib.contextmanager
def running() -> Iterator[docker.DockerClient]:
    """The builder's engine, fresh, for the length of the block. The caller holds the lock.

    Yields:
        a client of that engine.
    """
    host = hosts.Host(paths.BUILDER)
    hosts.remove(host.name)
    hostfiles.ensure(host.name)
    power.on(host.name)
    try:
        log = paths.host_dir(host.name) / "var/log/dockerd.log"
        wait_until(host.engine_answers, lambda: f"{host.name}: no engine: see {log}")
        with contextlib.closing(host.docker(timeout=600)) as client:
            yield client
    finally:
        hosts.remove(host.name)


def build(client: docker.DockerClient, recipe: Recipe) -> None:
    """Builds an image and pushes it. The registry must have its base already; missing artifacts are built.

    Raises:
        RuntimeError: a step of the Dockerfile failed; the text names the log.
    """
    name = registry.reference(recipe.name)
    log = paths.state() / "logs" / f"image-{recipe.name.replace('/', '-').replace(':', '-')}.log"
    log.parent.mkdir(exist_ok=True)
    arguments = dict(recipe.build_args)
    if recipe.base:
        arguments["BASE"] = registry.reference(recipe.base.name)
    options: dict[str, Any] = {
        "target": recipe.target or "",
        "buildargs": arguments,
        "labels": {**_LABELS, KEY_LABEL: recipe.key},
    }
    try:
        with _context(recipe) as context, log.open("w") as output:
            stream = client.api.build(
                fileobj=context, custom_context=True, tag=name, rm=True, forcerm=True, decode=True, **options
            )
            _follow(stream, output)
            _follow(client.api.push(name, stream=True, decode=True), output)
    except (RuntimeError, docker.errors.DockerException) as problem:
        raise RuntimeError(f"image {recipe.name}: {problem}; see {log}") from problem


@contextlib.contextmanager
def _context(recipe: Recipe) -> Iterator[IO[bytes]]:
    """The build context as a tar archive: the recipe's own folder, with its further folders and artifacts added."""
    with tempfile.TemporaryFile(dir=paths.state()) as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name, folder in {"": recipe.context, **recipe.folders}.items():
                for path in cache.files(folder):
                    archive.add(path, str(name / path.relative_to(folder)), filter=_as_root)
            for artifact in recipe.artifacts:
                archive.add(artifact.ensure(), artifact.name, filter=_as_root)
        file.seek(0)
        yield file


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _follow(stream: Any, output: IO[str]) -> None:
    """Writes an engine's messages to the log. Raises RuntimeError if one of them is an error."""
    for report in stream:
        if "stream" in report:
            output.write(report["stream"])
        if "error" in report:
            output.write(report["error"] + "\n")
            raise RuntimeError(report["error"])
