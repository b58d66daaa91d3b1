"""A datacenter on one machine, for demo and tests: hosts with Docker engines of their own, and an image registry."""
