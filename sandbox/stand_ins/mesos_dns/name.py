"""The stand-in's name for itself, in its log and in every answer of its HTTP API."""

NAME = "mesos-dns stand-in for tests (not Mesos-DNS)"
