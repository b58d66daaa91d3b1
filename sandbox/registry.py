"""The image registry on the bridge, which the hosts' engines use instead of Docker Hub."""

from __future__ import annotations

import contextlib
import functools
import json
import signal
from pathlib import Path

import requests

from sandbox import paths
from sandbox.process import ended, find, send, start, wait_until

_URL = f"http://{paths.REGISTRY}/v2/"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def reference(image: str) -> str:
    """An image's name in this registry. As on Docker Hub, official images are in `library/`."""
    return f"{paths.REGISTRY}/{image if '/' in image else f'library/{image}'}"


def ensure_running() -> None:
    """Starts the registry unless it runs, and waits until it answers. It stores images in the cache.

    Raises:
        TimeoutError: it did not answer; the text names its log.
    """
    if not pids():
        log = {"level": "warn", "accesslog": {"disabled": True}}
        config = {
            "version": 0.1,
            "log": log,
            "storage": {"filesystem": {"rootdirectory": str(paths.cache() / "registry")}, "delete": {"enabled": True}},
            "http": {"addr": paths.REGISTRY},
        }
        _config().write_text(json.dumps(config, indent=2))  # JSON is YAML
        start(["docker-registry", "serve", str(_config())], _log())
    wait_until(answers, lambda: f"the registry at {paths.REGISTRY} does not answer: see {_log()}")


def stop() -> None:
    """Ends the registry."""
    for pid in pids():
        send(pid, signal.SIGTERM)
        wait_until(lambda pid=pid: ended(pid), lambda: "the registry does not end", 10)  # type: ignore[misc]


def pids() -> list[int]:
    """The ids of the registry's processes; empty if it does not run."""
    return list(find(lambda words: words[1:] == ["serve", str(_config())]))


def answers() -> bool:
    """Whether the registry answers."""
    with contextlib.suppress(requests.RequestException):
        return _get("").ok
    return False


def images() -> list[str]:
    """The names with tags of all images in the registry."""
    found = []
    for name in _get("_catalog?n=1000").json()["repositories"]:
        tags = _get(f"{name}/tags/list").json().get("tags") or []
        found += [f"{name.removeprefix('library/')}:{tag}" for tag in tags]
    return sorted(found)


def label(image: str, name: str) -> str | None:
    """The value of an image's label. None if the label is missing, or if the image is missing or incomplete."""
    repository, _, tag = reference(image).removeprefix(f"{paths.REGISTRY}/").rpartition(":")
    manifest = _get(f"{repository}/manifests/{tag}")
    if not manifest.ok:
        return None
    config = _get(f"{repository}/blobs/{manifest.json()['config']['digest']}")
    if not config.ok:
        return None
    value = (config.json()["config"].get("Labels") or {}).get(name)
    return None if value is None else str(value)


def _get(path: str) -> requests.Response:
    return _session().get(_URL + path, headers={"Accept": _MANIFEST}, timeout=5)


@functools.cache
def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # use no proxy for a server on this machine
    return session


def _config() -> Path:
    return paths.state() / "registry.json"


def _log() -> Path:
    return paths.state() / "registry.log"
