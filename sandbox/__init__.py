"""A datacenter on one machine, for demo and tests: hosts, each with its own Docker engine, and an image registry."""
