"""The one place that imports the CDK: `cdktf` or its successor `cdktn` (CDK Terrain), depending on the program.

Both have the same names, and synthesise the same output for the constructs of this package. Type checkers see `cdktf`.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdktf import Annotations as Annotations
    from cdktf import App as App
    from cdktf import DefaultTokenResolver as DefaultTokenResolver
    from cdktf import Fn as Fn
    from cdktf import ITerraformDependable as ITerraformDependable
    from cdktf import LocalExecProvisioner as LocalExecProvisioner
    from cdktf import Postcondition as Postcondition
    from cdktf import Precondition as Precondition
    from cdktf import S3Backend as S3Backend
    from cdktf import StringConcat as StringConcat
    from cdktf import TerraformOutput as TerraformOutput
    from cdktf import TerraformResource as TerraformResource
    from cdktf import TerraformResourceLifecycle as TerraformResourceLifecycle
    from cdktf import TerraformStack as TerraformStack
    from cdktf import TerraformVariable as TerraformVariable
    from cdktf import Testing as Testing
    from cdktf import Token as Token
    from cdktf import Tokenization as Tokenization

# Packages with a provider's bindings, by the library that they are for.
_BINDINGS = {"cdktf": "cdktf_cdktf_provider_{}", "cdktn": "cdktn_provider_{}"}

# The order in which libraries are tried. Constructs of cdktn also work in an App of cdktf, but not the reverse.
_PREFERRED = ("cdktn", "cdktf")


@cache
def library() -> str:
    """The CDK in use: the one that the program has imported, otherwise the one that is installed.

    Raises:
        ModuleNotFoundError: neither is installed.
    """
    for name in _PREFERRED:
        if name in sys.modules:
            return name
    for name in _PREFERRED:
        if find_spec(name) is not None:
            return name
    raise ModuleNotFoundError("neither cdktf nor cdktn is installed: pip install 'cdktf-mesos[cdktf]' or '[cdktn]'")


def bindings(provider: str) -> str:
    """The package with the bindings of a provider, `docker` or `aws`, for the library in use."""
    return _BINDINGS[library()].format(provider)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        # Python looks for special names in a module, such as __path__.
        raise AttributeError(name)
    globals()[name] = value = getattr(importlib.import_module(library()), name)
    return value
