"""One lock for everything that changes the cluster: deploys, maintenance, drains."""
