"""The stand-in's name for itself, in its log and in its page."""

NAME = "mesos_exporter stand-in for tests (not mesos_exporter)"
