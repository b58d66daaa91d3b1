"""Mesos agents."""
