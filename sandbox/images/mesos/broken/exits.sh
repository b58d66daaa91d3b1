#!/bin/bash
# Replaces mesos-master and mesos-slave in a broken release candidate: ends at once.
echo "${0##*/} 1.11.1-rc2: this release candidate is a test image, broken on purpose: it exits at once" >&2
exit 1
