#!/bin/bash
# Starts marathon-lb, and stops it so that no connection is cut. The image's own entrypoint ends haproxy at once.
# Arguments: how long requests still arrive after 9090 has fallen silent; how long open connections may then take to end;
# a directory with certificates, or -; a file with the login to Marathon, or -; the words of marathon-lb's own script. Times
# are in seconds.
LB=/marathon-lb
SERVICES=$LB/service
ADMIN=/var/run/haproxy/admin

# down <service>: whether runit's service has ended, or was never there.
down() { [[ ! "$(sv status "$SERVICES/$1" 2> /dev/null)" == run:* ]]; }

# ends_within <seconds> <service>
ends_within() {
    local until=$((SECONDS + $1))
    until down "$2"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# silence: has haproxy answer no health checks any more.
silence() { socat - "UNIX-CONNECT:$ADMIN" <<< 'disable frontend stats' > /dev/null; }

# The balancer in front stops sending requests here when 9090 no longer answers. Until it has noticed, everything goes on.
# Then haproxy stops to listen, and ends with its last connection. `once` keeps runit from starting it again.
drain() {
    local second
    trap '' TERM INT
    echo "stopping: no more health checks are answered; requests still are, for $DRAIN_SECONDS s"
    sv down "$SERVICES/lb"
    ends_within 5 lb
    silence
    for ((second = 0; second < DRAIN_SECONDS; second++)); do
        down haproxy && break
        sleep 1
        # If haproxy was reloading, its new process answers again.
        silence
    done
    echo "stopping: no more connections are accepted; the open ones have $FINISH_SECONDS s"
    sv once "$SERVICES/haproxy"
    sv 1 "$SERVICES/haproxy"
    ends_within "$FINISH_SECONDS" haproxy || echo "stopping: some connections are still open, and end now"
    kill -TERM "$RUNNING"
    wait "$RUNNING"
    exit 0
}

# serve <drain seconds> <finish seconds> <certificates> <login> <word> …
serve() {
    DRAIN_SECONDS=$1 FINISH_SECONDS=$2
    certificates_are_usable "$3" && login_is_usable "$4" || exit 1
    shift 4
    cd "$LB" || exit 1
    "$LB/run" "$@" &
    RUNNING=$!
    trap drain TERM INT
    wait "$RUNNING"
}
serve "$@"
