"""The provider bindings that the constructs use; the only module that imports them, each when it is first asked for.

A prebuilt bindings package imports all of its submodules with the package itself (for AWS about 2,100 of them). Here
the package is entered into `sys.modules` without running that, so that only the submodules in use are loaded; whoever
imports others later still gets them.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdktf_cdktf_provider_docker.container import (
        Container,
        ContainerCapabilities,
        ContainerHealthcheck,
        ContainerLabels,
        ContainerVolumes,
    )
    from cdktf_cdktf_provider_docker.image import Image as DockerImage
    from cdktf_cdktf_provider_docker.provider import DockerProvider

__all__ = [
    "Container",
    "ContainerCapabilities",
    "ContainerHealthcheck",
    "ContainerLabels",
    "ContainerVolumes",
    "DockerImage",
    "DockerProvider",
]

_DOCKER = "cdktf_cdktf_provider_docker"

_SOURCES = {
    "Container": (_DOCKER, "container", "Container"),
    "ContainerCapabilities": (_DOCKER, "container", "ContainerCapabilities"),
    "ContainerHealthcheck": (_DOCKER, "container", "ContainerHealthcheck"),
    "ContainerLabels": (_DOCKER, "container", "ContainerLabels"),
    "ContainerVolumes": (_DOCKER, "container", "ContainerVolumes"),
    "DockerImage": (_DOCKER, "image", "Image"),
    "DockerProvider": (_DOCKER, "provider", "DockerProvider"),
}


def __getattr__(name: str) -> Any:
    """Import the binding called `name`."""
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    package, submodule, attribute = _SOURCES[name]
    _enter(package)
    value = getattr(importlib.import_module(f"{package}.{submodule}"), attribute)
    globals()[name] = value
    return value


def _enter(package: str) -> None:
    """Put `package` into sys.modules without its submodules, unless it is there already."""
    if package in sys.modules:
        return
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}: install the PyPI package {package.replace('_', '-')}")
    module = importlib.util.module_from_spec(spec)
    module.__getattr__ = lambda name: _submodule(module, name)  # type: ignore[method-assign]
    sys.modules[package] = module
    importlib.import_module(f"{package}._jsii")


def _submodule(package: ModuleType, name: str) -> ModuleType:
    """What `package.name` means to a program that counts on the package to have imported it."""
    try:
        return importlib.import_module(f"{package.__name__}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(f"module {package.__name__!r} has no attribute {name!r}") from error
