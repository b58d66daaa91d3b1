#!/bin/bash
# In zkServer.sh's place: a server that never gets as far as to open its port.
echo "ZooKeeper 3.9.5-rc1: this release candidate is broken on purpose, it never serves"
trap 'exit 143' TERM
sleep infinity &
wait
