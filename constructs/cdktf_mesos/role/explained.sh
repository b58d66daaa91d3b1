#!/bin/bash
# For health checks that say why a member refuses their questions. Comes after role/login.sh.

# explained <function> <address> <PORT> <HTTP_PATH> <argument> …: runs a health check. If it does not say why it fails,
# prints why the member refuses its questions.
explained() {
    local why
    why=$("$@") && return
    export PORT=$3 HTTP_PATH=$4
    [ -n "$why" ] || why=$(find_limit && asked reason "$2")
    [ -z "$why" ] || echo "$why"
    return 1
}
