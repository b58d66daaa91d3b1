"""Machines with a Docker engine."""
