#!/bin/bash
# Before masters answer over TLS only, all that talk to them have TLS. This asks what runs. Comes after tls/stage.sh and
# security/stage.sh.
# In the environment: MASTERS, the addresses of all masters; MASTERS_PORT.

# tls_fits: prints the reason if somebody has none.
tls_fits() {
    local master path answer='' pid why
    for master in $MASTERS; do
        if ! why=$(answers_with_tls "$master" "$MASTERS_PORT"); then
            echo "the master $master $why: deploy the stage used first"
            return 1
        fi
    done
    for path in /slaves /frameworks; do
        # Without a leader nothing is known. The check of the other members finds that.
        answer=$(leading_page "$path") || continue
        while read -r pid; do
            why=$(answers_with_tls "${pid%:*}" "${pid##*:}") && continue
            echo "$pid $why, and masters that answer over TLS only would lose it: deploy the stage used first; a" \
                "framework of your own needs LIBPROCESS_SSL_ENABLED"
            return 1
        done < <(pids "${answer%%\"completed_frameworks\"*}")
    done
}

# pids <answer>: prints the address and port of each agent or framework. Its `pid` is <name>@<address>:<port>. Frameworks
# that speak HTTP have none: they must use https themselves.
pids() { grep -Eo '"pid":"[^"]*@[0-9.]+:[0-9]+"' <<< "$1" | sed -E 's/.*@([^"]*)"/\1/'; }
