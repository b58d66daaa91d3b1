"""A small framework that takes Marathon's place in tests: no package registry has Marathon.

It takes Marathon's flags, keeps its state in ZooKeeper and answers the part of the HTTP API that tests use: apps with
a Docker container (on the host's network or without a network), their tasks, deployments, the queue, events, info and
leader. It has no health checks, constraints, groups, pods or web pages, and rejects an app that needs one of these.

The image has only this folder, without this file. So nothing here imports the rest of the sandbox.
"""
