#!/bin/bash
# ZooKeeper's command line client: zkCli.sh [-server host:port] [command …]
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2086  # the flags are words
exec java -cp "${ZOOCFGDIR:-/conf}:$here/lib/*" -Xmx"${ZK_CLIENT_HEAP:-256}m" $CLIENT_JVMFLAGS $JVMFLAGS \
    org.apache.zookeeper.ZooKeeperMain "$@"
