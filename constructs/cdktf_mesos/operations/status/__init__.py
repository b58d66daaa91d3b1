"""What the deployed cluster is at the moment: every member, who leads, the agents, and what is not well."""
