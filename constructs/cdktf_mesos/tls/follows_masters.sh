#!/bin/bash
# An agent gets TLS after the masters. Comes after tls/stage.sh.
# In the environment: MASTERS, the addresses of all masters; MASTERS_PORT.

# tls_fits: prints the reason if it must not have it yet.
tls_fits() {
    local master
    for master in $MASTERS; do
        PORT=$MASTERS_PORT listening "$master" 2> /dev/null || continue
        if ! PORT=$MASTERS_PORT asked has_tls "$master"; then
            echo "the master $master has no TLS yet: deploy the masters first"
            return 1
        fi
    done
}
