"""Pulls the images of the next deploy on all machines at the same time."""
