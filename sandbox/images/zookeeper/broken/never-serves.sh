#!/bin/bash
# Replaces zkServer.sh in a broken release candidate: runs, but never opens its port.
echo "ZooKeeper 3.9.5-rc1: this release candidate is broken on purpose, it never serves"
trap 'exit 143' TERM
sleep infinity &
wait
