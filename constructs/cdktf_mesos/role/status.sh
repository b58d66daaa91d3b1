#!/bin/bash
# What a member reports about itself to `cdktf-mesos status`. Comes after role/ask.sh, the component's questions and, if
# the component has one, its file for the status.
# Arguments: the member's address; PORT; HTTP_PATH, or -; RELEASE_PATH, or -.
# Prints lines `<name>=<answer>`: listens, serves, release, standing, leads. Then it prints an overview, if the component
# has one.
status() {
    local address=$1
    export PORT=$2 HTTP_PATH=$3 RELEASE_PATH=$4
    [ "$RELEASE_PATH" != - ] || RELEASE_PATH=
    find_limit || return 1
    listening "$address" || { echo listens=no && return; }
    echo listens=yes
    echo "serves=$(answered serving "$address")"
    ! has_question running_release || echo "release=$(asked running_release "$address")"
    ! has_question standing || echo "standing=$(asked standing "$address")"
    ! has_question leading || echo "leads=$(answered leading "$address")"
    ! has_question overview || asked overview "$address"
}

# answered <question> <address>: yes or no.
answered() { if asked "$@"; then echo yes; else echo no; fi; }

status "$@" 2> /dev/null
