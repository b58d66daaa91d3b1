"""Which image a member runs: repository, version, release."""
