"""The command `cdktf-mesos`: what an operator does with a cluster that a CDKTF program describes."""
