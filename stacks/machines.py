"""Machines that exist already."""

from cdktf_mesos.roll.machine import NAME, NAME_RIGHT, Machine

__all__ = ["NAME", "NAME_RIGHT", "Machine"]
