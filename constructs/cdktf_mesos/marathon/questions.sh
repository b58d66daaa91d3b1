#!/bin/bash
# What can be asked of an instance of Marathon; see role/ask.sh. HTTP_PATH is /v2/leader, or /ping where all else wants a
# password.

# An instance serves when it knows the leader, to which it hands requests on; the leader, when it is registered as well.
serving() { http_ok "$1" "$HTTP_PATH" && { [ "$HTTP_PATH" = /ping ] || registered "$1"; }; }

# Whether the masters have answered the leader's registration, for which they connect to its libprocess port. Only then
# Marathon knows which master leads, and has an id as a framework (InfoResource, MarathonScheduler: registered,
# reregistered). Other instances hand the question on to the leader, and say so (LeaderProxyFilter).
registered() {
    local answer=
    http_get "$1" /v2/info
    [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] && [[ ! $answer =~ X-Marathon-Via: ]] || return 0
    [[ ! $answer =~ \"(frameworkId|mesos_leader_ui_url)\"\ *:\ *null ]]
}

running_release() { http_version "$1" /v2/info; }
