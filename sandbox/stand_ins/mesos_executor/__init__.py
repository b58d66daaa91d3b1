"""The mesos-docker-executor and mesos-executor of the images: each runs one task and outlives its agent.

PyPI's library has no executor. This one speaks libprocess's own protocol (v0), not the v1 HTTP API,
because the Docker containerizer recovers only executors that have a libprocess.pid. It runs inside the image, with
Debian's python3-protobuf and the release's own definitions of the messages.
"""
