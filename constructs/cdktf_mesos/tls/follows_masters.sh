#!/bin/bash
# An agent gets TLS after the masters. Comes after tls/stage.sh.
# In the environment: MASTERS, the addresses of all masters; MASTERS_PORT.

# tls_fits: prints the reason if it must not have it yet.
tls_fits() {
    local master why
    for master in $MASTERS; do
        if ! why=$(answers_with_tls "$master" "$MASTERS_PORT"); then
            echo "the master $master $why: deploy the masters first"
            return 1
        fi
    done
}
