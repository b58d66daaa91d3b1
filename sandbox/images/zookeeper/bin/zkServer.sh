#!/bin/bash
# zkServer.sh start-foreground | status | version: the original's commands that are useful in a container.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
conf=${ZOOCFGDIR:-/conf}
# shellcheck source=/dev/null  # the user's own file
if [ -f "$conf/java.env" ]; then . "$conf/java.env"; fi
classpath="$conf:$here/lib/*"

case $1 in
    start-foreground)
        # shellcheck disable=SC2086  # the flags are words
        exec java "-Dzookeeper.log.dir=${ZOO_LOG_DIR:-/logs}" -XX:+ExitOnOutOfMemoryError -cp "$classpath" \
            -Xmx"${ZK_SERVER_HEAP:-1000}m" $SERVER_JVMFLAGS $JVMFLAGS \
            org.apache.zookeeper.server.quorum.QuorumPeerMain "${2:-$conf/zoo.cfg}" ;;
    status)
        mode=$(timeout 5 bash -c 'exec 3<> /dev/tcp/127.0.0.1/2181 && echo srvr >&3 && grep ^Mode <&3' 2> /dev/null)
        echo "${mode:-Error contacting service. It is probably not running.}"
        [ -n "$mode" ] ;;
    version)
        exec java -cp "$classpath" org.apache.zookeeper.version.VersionInfoMain ;;
    *)
        echo "Usage: $0 start-foreground|status|version" >&2
        exit 2 ;;
esac
