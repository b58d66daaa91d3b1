#!/bin/bash
# The questions that health checks and preflights ask an instance of Marathon. role/ask.sh says what each must answer.
# HTTP_PATH is /v2/leader.

# An instance serves when it knows the leader, to which it forwards requests. The leader must also be registered. No
# caller asks for /ping any more, but another text of this line would replace the containers of all clusters.
serving() { http_ok "$1" "$HTTP_PATH" && { [ "$HTTP_PATH" = /ping ] || registered "$1"; }; }

# Whether the masters have answered the leader's registration. They connect to its libprocess port for the answer. Only
# then Marathon knows the leading master and has a framework id (InfoResource, MarathonScheduler: registered,
# reregistered). An instance that does not lead forwards this request to the leader; a header of the answer shows that
# (LeaderProxyFilter). Such an instance passes.
registered() {
    local answer=
    http_get "$1" /v2/info
    [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] && [[ ! $answer =~ X-Marathon-Via: ]] || return 0
    [[ ! $answer =~ \"(frameworkId|mesos_leader_ui_url)\"\ *:\ *null ]]
}

running_release() { http_version "$1" /v2/info; }
