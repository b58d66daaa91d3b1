#!/bin/bash
# At which stage of security masters run. Comes after role/ask.sh, and role/login.sh if the cluster has security.
# In the environment: STAGE, the stage of the program; MASTERS, the addresses of the masters; MASTERS_PORT.

stages=(open prepared used required)

# page <address> <path>: prints the whole answer.
page() {
    local answer=
    http_get "$1" "$2" && printf '%s' "$answer"
}

# stage_of_master <address>: prints its stage, which is part of the path of its credentials. A user's own file, or none,
# counts as open. Prints nothing if the master does not tell its flags, and the status if it refuses to.
stage_of_master() {
    local answer
    answer=$(PORT=$MASTERS_PORT asked page "$1" /flags 2> /dev/null)
    if [[ $answer =~ ^HTTP/[0-9.]+\ (401|403) ]]; then
        echo "${BASH_REMATCH[1]}"
        return
    fi
    [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] || return 0
    if [[ $answer =~ \"credentials\":\"/etc/cdktf-mesos[.]([a-z]+)[.]credentials\" ]]; then
        echo "${BASH_REMATCH[1]}"
    else
        echo open
    fi
}

# refuses_flags <address> <what stage_of_master printed>: whether the master refuses to tell its stage, and why.
refuses_flags() {
    [[ $2 = 40[13] ]] || return 1
    echo "$1 refuses to tell its stage ($2): it is closed, and this deploy has no security or other secrets"
}

# number_of_stage <stage>
number_of_stage() {
    local number
    for number in "${!stages[@]}"; do [ "${stages[number]}" != "$1" ] || echo "$number"; done
}

# leading_page <path>: prints the answer of the leading master. Others send a redirect (Mesos docs, /slaves).
leading_page() {
    local master answer
    for master in $MASTERS; do
        answer=$(PORT=$MASTERS_PORT asked page "$master" "$1" 2> /dev/null)
        [[ ! $answer =~ ^HTTP/[0-9.]+\ 200 ]] || { printf '%s' "$answer" && return; }
    done
    return 1
}
