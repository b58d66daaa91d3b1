#!/bin/bash
# At which stage of security masters run. Comes after role/ask.sh, and role/login.sh if the cluster has security.
# In the environment: STAGE, the stage of the program; MASTERS, the addresses of the masters; MASTERS_PORT.

stages=(open prepared used required)

# page <address> <path>: prints the whole answer.
page() {
    local answer=
    http_get "$1" "$2" && printf '%s' "$answer"
}

# stage_of_master <address>: prints its stage, which is part of the path of its credentials. Without credentials it is
# open. For a deploy of a cluster with security, credentials of the user's own are foreign. Prints nothing if the master
# does not tell its flags, and the status if it refuses to.
stage_of_master() {
    local answer
    answer=$(PORT=$MASTERS_PORT asked page "$1" /flags 2> /dev/null)
    # For an open cluster only: ACLs of the user's own may hide the flags. A cluster that is closed answers 401.
    if [[ $STAGE = open && $answer =~ ^HTTP/[0-9.]+\ 403 ]]; then
        echo open
        return
    fi
    if [[ $answer =~ ^HTTP/[0-9.]+\ (401|403) ]]; then
        echo "${BASH_REMATCH[1]}"
        return
    fi
    [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] || return 0
    # Releases before 1.7 escape slashes in JSON.
    answer=${answer//\\\//\/}
    if [[ $answer =~ \"credentials\":\"/etc/cdktf-mesos[.]([a-z]+)[.]credentials\" ]]; then
        echo "${BASH_REMATCH[1]}"
    elif [[ $STAGE != open && $answer =~ \"credentials\":\" ]]; then
        echo foreign
    else
        echo open
    fi
}

# has_no_stage <address> <what stage_of_master printed>: whether no stage may follow what the master runs, and why.
has_no_stage() {
    case $2 in
        40[13]) echo "$1 refuses to tell its stage ($2): it is closed, and this deploy has no security or other secrets" ;;
        foreign)
            echo "$1 has credentials that are not those of security, and would refuse all who use them: first deploy" \
                "frameworks, agents and masters without credentials"
            ;;
        *) return 1 ;;
    esac
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
