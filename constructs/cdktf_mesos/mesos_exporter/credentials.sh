#!/bin/sh
# Runs the exporter with the user and password in a file, which has one line user:password. So they are neither in
# Terraform's state nor in what the engine shows of the container. The shell is that of the exporter's image, busybox.
IFS=: read -r MESOS_EXPORTER_USERNAME MESOS_EXPORTER_PASSWORD < /credentials
export MESOS_EXPORTER_USERNAME MESOS_EXPORTER_PASSWORD
exec /bin/mesos-exporter "$@"
