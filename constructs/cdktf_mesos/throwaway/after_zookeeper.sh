#!/bin/bash
# Runs a program once ZooKeeper accepts connections, or after some time at the latest. A Mesos that starts before looks
# again only after a third of its session's time of 10 s (ZooKeeper's C client, zookeeper_interest; Mesos docs, master
# flags: zk_session_timeout).
# Arguments: ZooKeeper's address; its port; how long to wait, in seconds; the program and its arguments.
address=$1 port=$2 limit=$3
shift 3

until timeout 1 bash -c ": < /dev/tcp/$address/$port" 2> /dev/null || [ "$SECONDS" -ge "$limit" ]; do
    sleep 0.05
done
exec "$@"
