"""The images' mesos-docker-executor and mesos-executor: each process runs one task and outlives its agent.

The Mesos library on PyPI has no executor. This one uses libprocess's own protocol (v0), not the v1 HTTP API, because
the Docker containerizer recovers only executors with a libprocess.pid. It runs in the image, with Debian's
python3-protobuf and the release's own definitions of the messages.
"""
