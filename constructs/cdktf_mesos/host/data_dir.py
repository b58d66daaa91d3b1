"""The default of a host's data directory, in a module that does not start Node."""

DATA_DIR = "/var/lib/cdktf-mesos"
"""The directory in which members keep what must outlive their containers. On AWS the data volume is mounted there."""
