"""Frameworks that nobody here wrote, from package registries: tests run them on throwaway clusters."""

from __future__ import annotations

import functools
from pathlib import Path

from sandbox import maven
from sandbox.artifact import Artifact
from sandbox.images import python

_TASK_PROCESSING = ("task_processing==1.4.0", "pyrsistent==0.20.0")
_SINGULARITY = "com.hubspot:SingularityService:1.5.0:jar:shaded"


def _install(folder: Path) -> None:
    python.install(folder, _TASK_PROCESSING, python.FOR)


TASK_PROCESSING = Artifact("task-processing", (*_TASK_PROCESSING, *python.FOR), _install)
"""Yelp's task_processing, for PYTHONPATH; it also needs pymesos (`sandbox.images.marathon.DEPENDENCIES`)."""

SINGULARITY = Artifact("singularity", (_SINGULARITY,), functools.partial(maven.copy, _SINGULARITY))
"""The jar of HubSpot's Singularity, with all that it needs."""
