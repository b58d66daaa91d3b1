#!/bin/bash
# In the place of mesos-master and mesos-slave: a process that never gets as far as to open its port.
echo "${0##*/} 1.11.1-rc1: this release candidate is a test image, broken on purpose: it never serves" >&2
trap 'exit 143' TERM
sleep infinity &
wait
