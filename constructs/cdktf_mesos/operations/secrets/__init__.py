"""`cdktf-mesos secrets`."""
