"""Mesos masters and agents."""
