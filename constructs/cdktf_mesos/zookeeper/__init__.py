"""ZooKeeper ensembles."""
