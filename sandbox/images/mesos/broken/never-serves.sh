#!/bin/bash
# Replaces mesos-master and mesos-slave in a broken release candidate: runs, but never opens its port.
echo "${0##*/} 1.11.1-rc1: this release candidate is a test image, broken on purpose: it never serves" >&2
trap 'exit 143' TERM
sleep infinity &
wait
