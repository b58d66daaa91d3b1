#!/bin/bash
# For Marathon with https. Comes after marathon/questions.sh and before role/tls.sh.
# In the environment: HTTPS_PORT, the port with TLS, to which checks send their requests (PORT has the same number);
# HTTP_PORT, the port without TLS, which instances have before the stage `required`; MARATHONS, the addresses of all
# instances.

# The functions of role/ask.sh and marathon/questions.sh, under other names.
eval "one_$(declare -f listening)"
eval "usual_$(declare -f connect)"
eval "usual_$(declare -f serving)"

# An instance that the roll has not reached may have one of the ports only.
listening() { one_listening "$1" || { [ "$PORT" = "$HTTPS_PORT" ] && PORT=$HTTP_PORT one_listening "$1"; }; }

# What role/tls.sh connects to without TLS.
connect() { if [ "$PORT" = "$HTTPS_PORT" ]; then PORT=$HTTP_PORT usual_connect "$1"; else usual_connect "$1"; fi; }

# While some instances answer over https only and others do not yet, an instance cannot forward to a leader of the other
# kind (LeaderProxyFilter: https if `disable_http` is its own flag, else http). It knows the leader nevertheless.
serving() { usual_serving "$1" || { cannot_forward "$1" && instances_differ; }; }

# Which of the two it answers depends on the release.
cannot_forward() {
    local answer=''
    http_get "$1" "$HTTP_PATH" && [[ $answer =~ ^HTTP/[0-9.]+\ 50[02] ]]
}

# only_https <address>: whether an instance has no port without TLS.
only_https() { ! PORT=$HTTP_PORT one_listening "$1" && PORT=$HTTPS_PORT one_listening "$1"; }

# only_http <address>: whether an instance has no port with TLS.
only_http() { ! PORT=$HTTPS_PORT one_listening "$1" && PORT=$HTTP_PORT one_listening "$1"; }

instances_differ() {
    local instance closed='' open=''
    find_limit || return
    for instance in $MARATHONS; do
        if only_https "$instance"; then
            closed=yes
        elif PORT=$HTTP_PORT one_listening "$instance"; then
            open=yes
        fi
    done 2> /dev/null
    [ -n "$closed" ] && [ -n "$open" ]
}
