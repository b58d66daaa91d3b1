#!/bin/bash
# One request to a Mesos master, from a container of one of the machines. Prints the whole answer. Comes after role/ask.sh
# and role/tls.sh.
# Arguments: host and port of the master; path; body in JSON, or nothing for a GET request. In the environment:
# AUTHORIZATION, the value of that header, or nothing; TLS, the stage of the masters' TLS, or nothing.
call() {
    local answer=''
    if [ -n "${TLS-}" ]; then
        answer=$(request "$@" | PORT=$2 over_tls "$1")
        [ -z "$answer" ] || { printf '%s' "$answer" && return; }
        # At the stage `used`, a master before its turn in the roll has no TLS.
        [ "$TLS" = used ] || return 1
    fi
    exec 3<> "/dev/tcp/$1/$2" || return 1
    request "$@" >&3
    cat <&3
}

request() {
    local LC_ALL=C method=GET # the length of the body is in bytes
    [ -z "${4-}" ] || method=POST
    printf '%s %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: application/json\r\n' "$method" "$3" "$1" "$2"
    [ -z "${AUTHORIZATION-}" ] || printf 'Authorization: %s\r\n' "$AUTHORIZATION"
    [ "$method" = GET ] || printf 'Content-Type: application/json\r\nContent-Length: %s\r\n' "${#4}"
    printf '\r\n%s' "${4-}"
}
call "$@"
