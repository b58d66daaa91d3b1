"""Copies what a cluster cannot lose into one archive: ZooKeeper's data, pins and Terraform's states."""
