#!/bin/bash
# Replaces zkServer.sh in a broken release candidate: ends at once.
echo "ZooKeeper 3.9.5-rc2: this release candidate is broken on purpose, it exits at once" >&2
exit 1
