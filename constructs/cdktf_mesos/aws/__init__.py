"""Machines on AWS, and the network around them."""
