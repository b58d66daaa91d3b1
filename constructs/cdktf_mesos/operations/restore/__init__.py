"""Puts the ZooKeeper data of an archive onto new, empty servers."""
