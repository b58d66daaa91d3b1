"""A rolling upgrade: its order, and what is checked before each step."""
