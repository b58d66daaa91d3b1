"""The bindings of the Docker provider that the constructs use, each imported when it is first asked for.

A prebuilt bindings package imports all of its submodules with the package itself (for AWS about 2,100 of them). Here
the package is entered into `sys.modules` without running that, so that only the submodules in use are loaded; whoever
imports others later still gets them.

All text that these classes are given is literal: only tokens are Terraform expressions (`expressions.literal`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cdktf_mesos import cdk
from cdktf_mesos.expressions import literal

if TYPE_CHECKING:
    from cdktf_cdktf_provider_docker.container import (
        Container,
        ContainerCapabilities,
        ContainerHealthcheck,
        ContainerLabels,
        ContainerMounts,
        ContainerMountsBindOptions,
        ContainerVolumes,
    )
    from cdktf_cdktf_provider_docker.image import Image as DockerImage
    from cdktf_cdktf_provider_docker.provider import DockerProvider, DockerProviderRegistryAuth

__all__ = [
    "Container",
    "ContainerCapabilities",
    "ContainerHealthcheck",
    "ContainerLabels",
    "ContainerMounts",
    "ContainerMountsBindOptions",
    "ContainerVolumes",
    "DockerImage",
    "DockerProvider",
    "DockerProviderRegistryAuth",
]


def lazily(namespace: dict[str, Any], provider: str, submodules: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__` that imports the bindings of a provider, each when it is first asked for.

    Args:
        namespace: the module's; it keeps what was imported.
        provider: `docker` or `aws`.
        submodules: of the bindings' package, by the names that the module has for what is in them. A class with another
            name there follows a colon.
    """

    def get(name: str) -> Any:
        if name not in submodules:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        submodule, _, attribute = submodules[name].partition(":")
        package = cdk.bindings(provider)
        _enter(package)
        namespace[name] = _literal(getattr(importlib.import_module(f"{package}.{submodule}"), attribute or name))
        return namespace[name]

    return get


def _literal(binding: type) -> type:
    """A class of the bindings, for literal text: whatever constructs hand to Terraform goes through here."""

    class Literal(binding):  # type: ignore[misc]
        def __init__(self, *scope_and_id: Any, **arguments: Any) -> None:
            super().__init__(*scope_and_id, **literal(arguments))

    Literal.__name__ = Literal.__qualname__ = binding.__name__
    return Literal


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


__getattr__ = lazily(
    globals(),
    "docker",
    {
        "Container": "container",
        "ContainerCapabilities": "container",
        "ContainerHealthcheck": "container",
        "ContainerLabels": "container",
        "ContainerMounts": "container",
        "ContainerMountsBindOptions": "container",
        "ContainerVolumes": "container",
        "DockerImage": "image:Image",
        "DockerProvider": "provider",
        "DockerProviderRegistryAuth": "provider",
    },
)
