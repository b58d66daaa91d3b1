#!/bin/bash
# How scripts ask a member whether it serves. Needs bash 4.1, grep and timeout in the image.
#
# The script that asks exports PORT, the port of the member. For components that are asked over HTTP it also exports
# HTTP_PATH, the path of the request.
#
# Each component's own file follows, with its questions. Each gets the address of a member:
#   serving          true while the member serves; prints nothing
#   alone            true where a member that serves takes itself for a whole set; wrong in a set of several
#   known_members    a line for each member of the set as a serving member knows it: server.<id>=<address>, or an empty
#                    line where it knows their number only
#   running_release  the release of a serving member; empty where it does not say it
#   leading          true while the member leads
# All but the first are optional.

# Finds the words that limit a command's time. Older busybox wants -t.
find_limit() {
    limit=(timeout)
    "${limit[@]}" 1 true || limit=(timeout -t)
    "${limit[@]}" 1 true
}

# limited <seconds> <command> …
limited() { "${limit[@]}" "$@"; }

# Whether something listens on PORT of an address.
listening() {
    # shellcheck disable=SC2016 # the inner bash expands it
    limited 1 bash -c 'exec 3<> "/dev/tcp/$0/$PORT"' "$1"
}

# asked <question> <address>: asks in a process of its own. A member that accepts and never answers would hold the
# script up for good, one whose backlog is full for minutes. Busybox's timeout ends that process and none below it, so
# in a question bash itself waits for the answer.
asked() { limited 3 bash -c "$(declare -f)"$'\n''"$@"' ask "$@"; }

# Whether the component has an answer to a question.
has_question() { declare -F "$1" > /dev/null; }

connect() { exec 3<> "/dev/tcp/$1/$PORT"; }

# Reads, until the member closes the connection, into the caller's variable `answer`. The number is more than any
# answer has characters.
read_answer() { read -r -N 99999999 answer <&3 || true; }

# http_request <path>
http_request() { printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3; }

# http_get <address> <path>: the answer is in the caller's variable `answer`.
http_get() { connect "$1" && http_request "$2" && read_answer; }

# http_ok <address> <path>: whether the answer is 200.
http_ok() {
    local status
    connect "$1" && http_request "$2" && read -r status <&3 && [[ $status =~ ^HTTP/[0-9.]+\ 200 ]]
}

# http_version <address> <path> …: the version in the first answer that has one, `"version":"1.2.3"`.
http_version() {
    local address=$1 path answer
    shift
    for path in "$@"; do
        answer=
        http_get "$address" "$path" && [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] &&
            [[ $answer =~ \"version\"\ *:\ *\"v?([0-9][0-9.]*) ]] && echo "${BASH_REMATCH[1]}" && return
    done
}

# has_gauge <address> <regular expression>: whether Mesos's metrics match.
has_gauge() {
    local answer=
    http_get "$1" /metrics/snapshot && [[ $answer =~ $2 ]]
}
