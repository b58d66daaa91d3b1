#!/bin/bash
# For a cluster with security: every request carries the login of the probes, and a member that refuses it is told from
# one that is down. Comes after role/ask.sh and before the component's questions. An open member ignores the login.
# In the environment, both optional: LOGIN, the login as HTTP sends it (the base64 of `probe:<secret>`), or LOGIN_FILE,
# the file with it.

# Takes the place of the function in role/ask.sh.
http_request() {
    local login=${LOGIN-}
    # The file has no end of line, so `read` fails although it reads it.
    [ -n "$login" ] || read -r login < "${LOGIN_FILE:-/etc/cdktf-mesos.probe}" || true
    printf 'GET %s HTTP/1.0\r\nAuthorization: Basic %s\r\n\r\n' "$1" "$login" >&3
}

# refused <answer>: prints why, if the answer refuses the request.
refused() {
    case $1 in
        HTTP/1.?\ 401*) echo "it refuses the secret of the principal probe (401)" ;;
        HTTP/1.?\ 403*) echo "its ACLs forbid this question to the principal probe (403)" ;;
        *) return 1 ;;
    esac
}

# A component's own `reason` takes the place of this. Without HTTP_PATH, as for Mesos, the metrics are asked for.
reason() {
    local answer='' path=${HTTP_PATH#-}
    http_get "$1" "${path:-/metrics/snapshot}" && refused "$answer"
}
