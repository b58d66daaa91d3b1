"""Throwaway clusters on an engine of yours: for the tests of a framework, without a project.

The commands `cdktf-mesos up`, `down` and so on are made of this package. A cluster is one master, one ZooKeeper server,
any number of agents and, if wanted, Marathon: the same constructs as in a project.
"""
