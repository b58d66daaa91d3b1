"""The classes of the Docker provider's bindings that the constructs use. Each is imported at its first use.

A package of prebuilt bindings imports all of its submodules (for AWS about 2,100). This module puts the package into
`sys.modules` without running its code, so that only the submodules in use are loaded. Others can still be imported
later.

All text that these classes get is literal: only tokens are Terraform expressions (`expressions.literal`).
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
        ContainerUpload,
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
    "ContainerUpload",
    "ContainerVolumes",
    "DockerImage",
    "DockerProvider",
    "DockerProviderRegistryAuth",
]


def lazily(namespace: dict[str, Any], provider: str, submodules: Mapping[str, str]) -> Callable[[str], Any]:
    """Make a `__getattr__` for a module that imports classes of a provider's bindings, each at its first use.

    Args:
        namespace: the module's globals, which keep the imported classes.
        provider: `docker` or `aws`.
        submodules: the submodule of each class, by the name that the class has in the module. If it has another name in
            the submodule, that name follows after a colon.
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
    """A subclass of a class of the bindings that takes all text as literal."""

    class Literal(binding):  # type: ignore[misc]
        def __init__(self, *scope_and_id: Any, **arguments: Any) -> None:
            super().__init__(*scope_and_id, **literal(arguments))

    Literal.__name__ = Literal.__qualname__ = binding.__name__
    return Literal


def _enter(package: str) -> None:
    """Put `package` into sys.modules without its submodules, unless it is already there."""
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
    """The submodule `package.name`, for a program that relies on the package to import all submodules."""
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
        "ContainerUpload": "container",
        "ContainerVolumes": "container",
        "DockerImage": "image:Image",
        "DockerProvider": "provider",
        "DockerProviderRegistryAuth": "provider",
    },
)
