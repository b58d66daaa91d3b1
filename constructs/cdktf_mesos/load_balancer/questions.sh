#!/bin/bash
# The questions that health checks and preflights ask a load balancer. role/ask.sh says what each must answer.
# PORT is that of haproxy's statistics.

# It serves when haproxy has a configuration: marathon-lb writes the first one when Marathon has answered.
serving() { http_ok "$1" "$HTTP_PATH"; }

reason() {
    if connect "$1" 2> /dev/null; then
        echo "$1:$PORT does not answer $HTTP_PATH with 200"
    else
        echo "nothing listens on $1:$PORT: Marathon has never answered this load balancer, so haproxy has no configuration"
    fi
}
