"""How a cluster is closed: its stages, its directory of secrets, and how these get into containers."""
