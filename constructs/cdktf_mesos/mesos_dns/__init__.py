"""Mesos-DNS: names for tasks."""
