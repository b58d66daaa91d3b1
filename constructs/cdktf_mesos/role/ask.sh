#!/bin/bash
# Functions with which scripts ask a member whether it serves. They need bash 4.1, grep and timeout in the image.
#
# The calling script exports PORT, the member's port, and for components that answer over HTTP also HTTP_PATH, the path
# of the request.
#
# The component's own file follows. It defines these functions, its "questions"; each gets the address of a member:
#   serving          succeeds while the member serves; prints nothing
#   alone            succeeds if the member serves as a set of one; in a set of several that is a fault
#   known_members    prints a line for each member that a serving member has in its list: server.<id>=<address>, or an
#                    empty line if it knows only their number
#   running_release  prints the release of a serving member, or nothing if the member does not give it
#   leading          succeeds while the member is the leader
#   reason           prints why a member does not serve, or nothing
# All but `serving` are optional.

# Sets `limit`, the command that limits the time of another one. The timeout of older busybox needs -t.
find_limit() {
    limit=(timeout)
    "${limit[@]}" 1 true || limit=(timeout -t)
    "${limit[@]}" 1 true
}

# limited <seconds> <command> …
limited() { "${limit[@]}" "$@"; }

# listening <address>: whether something listens on PORT there.
listening() {
    # shellcheck disable=SC2016 # the inner bash expands it
    limited 1 bash -c 'exec 3<> "/dev/tcp/$0/$PORT"' "$1"
}

# asked <question> <address>: runs a question in a separate process, with a time limit. Without it, a member that accepts
# a connection and never answers would block the script forever, and one with a full backlog for minutes. Busybox's
# timeout ends only that process, not its children: so a question must read the answer in bash itself.
asked() { limited 3 bash -c "$(declare -f)"$'\n''"$@"' ask "$@"; }

# has_question <question>: whether the component's file defines it.
has_question() { declare -F "$1" > /dev/null; }

connect() { exec 3<> "/dev/tcp/$1/$PORT"; }

# Reads until the member closes the connection, into the caller's variable `answer`. The number is larger than the
# length of any answer.
read_answer() { read -r -N 99999999 answer <&3 || true; }

# http_request <path>
http_request() { printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3; }

# http_get <address> <path>: puts the whole answer into the caller's variable `answer`.
http_get() { connect "$1" && http_request "$2" && read_answer; }

# http_ok <address> <path>: whether the status is 200.
http_ok() {
    local status
    connect "$1" && http_request "$2" && read -r status <&3 && [[ $status =~ ^HTTP/[0-9.]+\ 200 ]]
}

# http_version <address> <path> …: prints the version in the first answer that has one, as `"version":"1.2.3"`.
http_version() {
    local address=$1 path answer
    shift
    for path in "$@"; do
        answer=
        http_get "$address" "$path" && [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] &&
            [[ $answer =~ \"version\"\ *:\ *\"v?([0-9][0-9.]*) ]] && echo "${BASH_REMATCH[1]}" && return
    done
}

# has_gauge <address> <regular expression>: whether the metrics of Mesos match.
has_gauge() {
    local answer=
    http_get "$1" /metrics/snapshot && [[ $answer =~ $2 ]]
}
