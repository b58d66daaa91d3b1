"""The ssh keys of the operators on all machines: listed, added, and removed without locking anybody out."""
