"""The commands for throwaway clusters, in the group of `cdktf_mesos.operations.commands`."""
