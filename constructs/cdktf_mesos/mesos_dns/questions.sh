#!/bin/bash
# The questions that gates and preflights ask a Mesos-DNS. role/ask.sh says what each must answer.

# A member serves when it has an address for HTTP_PATH, the name of the leading master: then it has found the leader and
# has read its state. The functions below ask the member for the A record of that name, by DNS over TCP (RFC 1035, 4).
serving() { connect "$1" && dns_question "$HTTP_PATH" && dns_answered; }

reason() {
    if connect "$1" 2> /dev/null; then
        echo "it has no address for $HTTP_PATH: it has not read the state of a leading master"
    else
        echo "nothing listens on $1:$PORT: releases from 0.7 on do so when they have read the state of a leading master"
    fi
}

# dns_question <name>: sends the question, after its length in two bytes.
dns_question() {
    local name=$1 label labels question='\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00'
    IFS=. read -ra labels <<< "$name"
    for label in "${labels[@]}"; do question+=$(printf '\\x%02x%s' "${#label}" "$label"); done
    question+='\x00\x00\x01\x00\x01'
    # 12 bytes of header, 2 more than the name has characters, 4 for type and class.
    # shellcheck disable=SC2059 # the question is escaped bytes
    printf "$(printf '\\x00\\x%02x' $((18 + ${#name})))$question" >&3
}

# Whether the answer has a record. Bytes 8 and 9 are their number, if the length is counted. `read` gives nothing for a
# byte that is zero.
dns_answered() {
    local LC_ALL=C byte number records=
    for number in 0 1 2 3 4 5 6 7 8 9; do
        IFS= read -r -d '' -n 1 byte <&3 || return 1
        [ "$number" -lt 8 ] || records+=$byte
    done
    [ -n "$records" ]
}
