#!/bin/bash
# In zkServer.sh's place: a server that ends at once.
echo "ZooKeeper 3.9.5-rc2: this release candidate is broken on purpose, it exits at once" >&2
exit 1
