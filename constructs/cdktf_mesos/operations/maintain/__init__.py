"""Keeps the cluster serving while a machine is updated, rebooted or repaired."""
