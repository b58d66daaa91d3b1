"""A stand-in for mesos_exporter in tests: neither a package registry nor the Go module proxy has it.

It reads `/metrics/snapshot` of a master or an agent at each scrape, and gives those metrics that docs/monitoring uses,
with the names, labels and values that mesos_exporter 1.1.2 gives them (master.go, slave.go and common.go of
mesos/mesos_exporter). Like it, it gives 0 for what the snapshot lacks, also if there is no answer.

The image has only this folder, without this file. So nothing here imports the rest of the sandbox.
"""
