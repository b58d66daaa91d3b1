"""Which version of cgroups a host has."""

from __future__ import annotations

from pathlib import Path

CGROUP_VERSION = Path(__file__).with_name("cgroup_version.sh")
"""A script file that defines the function `cgroup_version`."""
