"""The image of mesos_exporter in the sandbox: a stand-in, as no registry has the program.

Its name is not that of a public image: those are of 1.0.0, whose labels differ, and users build later releases.
"""

from __future__ import annotations

from pathlib import Path

from sandbox import stand_ins
from sandbox.images.base import BASE
from sandbox.images.recipe import Recipe

RECIPES = (
    Recipe(
        name="example/mesos_exporter:v1.1.2",
        context=Path(__file__).parent,
        base=BASE,
        folders={"stand_in": stand_ins.MESOS_EXPORTER},
    ),
)
