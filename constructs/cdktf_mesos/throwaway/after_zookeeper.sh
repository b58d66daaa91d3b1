#!/bin/bash
# Runs a program once ZooKeeper serves, or after some time at the latest. A Mesos that starts before looks again only
# after a third of its session's time of 10 s (ZooKeeper's C client, zookeeper_interest; Mesos docs, master flags:
# zk_session_timeout). Follows ask.sh and the questions of ZooKeeper in its script.
# Arguments: ZooKeeper's address; its port; how long to wait, in seconds; the program and its arguments.
address=$1 latest=$3
export PORT=$2
shift 3

find_limit
until asked serving "$address" 2> /dev/null || [ "$SECONDS" -ge "$latest" ]; do
    sleep 0.05
done
exec "$@"
