#!/bin/bash
# One request to a Mesos master, from a container of one of the machines. Prints the whole answer.
# Arguments: host and port of the master; path; body in JSON, or nothing for a GET request. In the environment:
# AUTHORIZATION, the value of that header, or nothing.
call() {
    local LC_ALL=C method=GET # the length of the body is in bytes
    [ -z "${4-}" ] || method=POST
    exec 3<> "/dev/tcp/$1/$2" || return 1
    {
        printf '%s %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: application/json\r\n' "$method" "$3" "$1" "$2"
        [ -z "${AUTHORIZATION-}" ] || printf 'Authorization: %s\r\n' "$AUTHORIZATION"
        [ "$method" = GET ] || printf 'Content-Type: application/json\r\nContent-Length: %s\r\n' "${#4}"
        printf '\r\n%s' "${4-}"
    } >&3
    cat <&3
}
call "$@"
