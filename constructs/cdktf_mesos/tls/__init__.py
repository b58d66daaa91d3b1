"""TLS of masters and agents: its stages, the certificates, and how checks ask over it."""
