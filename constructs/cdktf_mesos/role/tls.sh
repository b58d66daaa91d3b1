#!/bin/bash
# Sends requests over TLS, and verifies that the authority has signed the member's certificate. bash has no TLS, so the
# image needs openssl. Comes after role/ask.sh, role/login.sh if the cluster has security, and the component's questions;
# role/tls_or_plain.sh may follow.
# In the environment, all optional: TLS_CA, the file with the certificate of the authority; TLS_PORT, if only requests to
# this port use TLS, by default all do; TLS_SECONDS, how long a connection may take, by default 5.

# The functions of role/ask.sh and role/login.sh, under other names.
eval "plain_$(declare -f connect)"
eval "plain_$(declare -f http_request)"
! declare -F reason > /dev/null || eval "plain_$(declare -f reason)"

# Only the request opens a connection.
connect() {
    if [ "${TLS_PORT:-$PORT}" = "$PORT" ]; then tls_address=$1; else tls_address='' && plain_connect "$1"; fi
}

http_request() {
    if [ -n "$tls_address" ]; then exec 3< <(exchange "$tls_address" "$1"); else plain_http_request "$1"; fi
}

# exchange <address> <path>: prints the whole answer.
exchange() {
    local first='' rest=''
    plain_http_request "$2" 3>&1 | over_tls "$1" | {
        if IFS= read -r -N 1 first; then
            IFS= read -r -N 99999999 rest || true
            printf '%s' "$first$rest"
        elif may_be_plain "$1" && plain_connect "$1" && plain_http_request "$2"; then
            IFS= read -r -N 99999999 rest <&3 || true
            printf '%s' "$rest"
        fi
    }
}

# over_tls <address>: sends its standard input to PORT, and prints the answer.
over_tls() {
    openssl_in_time s_client -quiet -connect "$1:$PORT" -CAfile "${TLS_CA:-/etc/cdktf-mesos.ca.pem}" \
        -verify 5 -verify_return_error 2> /dev/null
}

# has_tls <address>: whether PORT there answers over TLS, with whatever certificate.
has_tls() { openssl_in_time s_client -connect "$1:$PORT" < /dev/null > /dev/null 2>&1; }

# openssl_in_time <argument> …: runs openssl. An engine that ends a health check does not end its children, and a member
# that accepts a connection and never answers would keep openssl forever.
openssl_in_time() { find_limit && limited "${TLS_SECONDS:-5}" openssl "$@"; }

# may_be_plain <address>: whether a request may be sent again without TLS, if the member did not answer over TLS.
may_be_plain() { return 1; }

# role/login.sh says what it is for. Without that file, no request is refused.
declare -F refused > /dev/null || refused() { return 1; }

reason() {
    if [ "${TLS_PORT:-$PORT}" != "$PORT" ]; then
        ! declare -F plain_reason > /dev/null || plain_reason "$1"
    elif ! type -P openssl > /dev/null; then
        echo "this image has no program openssl, and bash alone cannot ask over TLS"
    elif ! may_be_plain "$1" && [ -z "$(printf 'GET /health HTTP/1.0\r\n\r\n' | over_tls "$1")" ]; then
        echo "it does not answer over TLS, with a certificate that ca.pem has signed and that is valid now"
    elif declare -F plain_reason > /dev/null; then
        plain_reason "$1"
    fi
}
