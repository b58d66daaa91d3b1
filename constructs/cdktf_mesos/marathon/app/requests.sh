#!/bin/bash
# Functions with which the scripts of an app ask Marathon. Comes after role/ask.sh.
# In the environment: INSTANCES, the host:port of each instance of Marathon; AUTHORIZATION, the value of that header, or
# empty; optionally LOGIN_FILE, a file with the login as HTTP sends it, instead of AUTHORIZATION; optionally AUTHORITY, the
# certificate of the authority. With it, requests use https.

# find_limit_or_end <app>: the machine that deploys may have no `timeout`, such as macOS, or no `openssl`.
find_limit_or_end() {
    if ! find_limit; then
        echo "$1: there is no program timeout here. Install GNU coreutils, with its programs on PATH"
        exit 1
    elif [ -n "${AUTHORITY-}" ] && ! type -P openssl > /dev/null; then
        echo "$1: there is no program openssl here, and requests to Marathon over https need it"
        exit 1
    fi
}

# ask <instance> <method> <path>: prints the whole answer. The body of the request is in BODY. HTTP/1.0, so that the
# instance closes the connection after the answer.
ask() {
    if [ -n "${AUTHORITY-}" ]; then
        # openssl also fails if an instance ends the connection without a TLS alert, although the answer is whole.
        message "$@" | openssl s_client -quiet -connect "$1" -CAfile <(printf '%s\n' "$AUTHORITY") \
            -verify 5 -verify_return_error 2> /dev/null || true
        return
    fi
    exec 3<> "/dev/tcp/${1%:*}/${1##*:}" || exit 1
    message "$@" >&3
    cat <&3
}

# message <instance> <method> <path>: prints the request.
message() {
    local LC_ALL=C          # the length of a body is counted in bytes
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nAccept: application/json\r\n' "$2" "$3" "$1"
    [ -z "$AUTHORIZATION" ] || printf 'Authorization: %s\r\n' "$AUTHORIZATION"
    [ -z "$BODY" ] || printf 'Content-Type: application/json\r\n'
    printf 'Content-Length: %d\r\n\r\n%s' "${#BODY}" "$BODY"
}

# request <method> <path> [<body>]: asks one instance after the other until one answers for the leader. Sets `status`
# and `answer`, the body of its answer. An instance without a leader answers 502 or 503; one that cannot forward to it 500
# or 502. If none answers, `status` is 0.
request() {
    local instance raw login=""
    if [ -n "${LOGIN_FILE-}" ]; then
        # The file has no end of line, so `read` fails although it reads it.
        read -r login < "$LOGIN_FILE" || true
        AUTHORIZATION="Basic $login"
    fi
    status=0 answer="no instance of Marathon answers at $INSTANCES"
    for instance in $INSTANCES; do
        # A separate process with a time limit, as in role/ask.sh. Longer than Marathon waits for its leader.
        raw=$(BODY=${3-} AUTHORIZATION=$AUTHORIZATION limited 30 \
            bash -c "$(declare -f ask message)"$'\n''ask "$@"' ask "$instance" "$1" "$2" 2> /dev/null) || continue
        [[ $raw =~ ^HTTP/[0-9.]+\ ([0-9]+) ]] || continue
        status=${BASH_REMATCH[1]} answer=${raw#*$'\r\n\r\n'}
        [[ $status == 50[0234] ]] || return 0
    done
}

# text_of <name>: prints the text with this name in `answer`; nothing if there is none.
text_of() {
    local pattern="\"$1\"[[:space:]]*:[[:space:]]*\"(([^\"\\]|\\\\.)*)\""
    [[ ! $answer =~ $pattern ]] || echo "${BASH_REMATCH[1]}"
}
