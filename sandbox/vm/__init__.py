"""Hosts that are virtual machines: a kernel, an init system and an engine as Debian has them, without KVM."""
