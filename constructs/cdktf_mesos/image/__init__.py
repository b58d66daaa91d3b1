"""The image that a member runs: its repository, version and release."""
