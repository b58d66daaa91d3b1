"""The list of platforms."""

from __future__ import annotations

from stacks.aws.settings import Aws
from stacks.local.settings import Local
from stacks.static.settings import Static

Platform = Local | Static | Aws
