"""The image `sandbox/scheduler:1.0`: a framework that Marathon starts, and that starts Docker tasks of its own.

It registers like the stand-in of Marathon, and is built from the same parts.
"""

from __future__ import annotations

from pathlib import Path

from sandbox import stand_ins
from sandbox.images.base import BASE
from sandbox.images.marathon import DEPENDENCIES
from sandbox.images.recipe import Recipe

SCHEDULER = "sandbox/scheduler:1.0"

RECIPES = (
    Recipe(
        name=SCHEDULER,
        context=Path(__file__).parent,
        base=BASE,
        artifacts=(DEPENDENCIES,),
        folders={"stand_in": stand_ins.MARATHON},
    ),
)
