"""The machine check of a deploy, for all machines at once and before anything is deployed."""
