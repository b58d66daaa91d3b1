"""Makes machines ready to be hosts of a cluster, over ssh."""
