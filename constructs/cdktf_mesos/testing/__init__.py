"""The pytest plugin for tests of frameworks: the fixture `mesos_cluster`."""
