#!/bin/bash
# Whether a member may be brought to the program's stage of TLS: its image can ask over TLS. Comes after role/tls.sh. For
# some roles another file follows, with a function `tls_fits`.

# tls_follows: prints the reason if it may not. Returns 2 if waiting is of no use.
tls_follows() {
    if ! type -P openssl > /dev/null; then
        echo "this image has no program openssl, and checks cannot ask over TLS without it: use another image, or gate_image"
        return 2
    fi
    ! declare -F tls_fits > /dev/null || tls_fits
}

# answers_with_tls <address> <port>: fails, and prints why, if something listens there and has no TLS.
answers_with_tls() {
    PORT=$2 listening "$1" 2> /dev/null || return 0
    PORT=$2 asked has_tls "$1"
    case $? in
        0) return ;;
        # The exit code of openssl. Another one comes from the time limit.
        1) echo "has no TLS" ;;
        *) echo "does not answer in time" ;;
    esac
    return 1
}
