"""Mesos-DNS in the application: its settings, its machines, and what agents get of it."""
