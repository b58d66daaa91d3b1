"""A datacenter on one machine, for the demo and the tests: hosts with Docker engines of their own, and an image registry."""
