#!/bin/bash
# The files of the host that marathon-lb reads. entrypoint.sh asks before it starts, settled.sh before the container is
# replaced.

# certificates_are_usable <directory, or ->: whether each file that haproxy would load has a certificate and a key.
# haproxy passes over names that end in .key, .issuer, .ocsp or .sctl (configuration manual, bind option crt).
certificates_are_usable() {
    local file found=
    [ "$1" != - ] || return 0
    for file in "$1"/*; do
        [[ ! $file =~ [.](key|issuer|ocsp|sctl)$ ]] && [ -e "$file" ] || continue
        found=yes
        if [ ! -f "$file" ] || [ ! -r "$file" ]; then
            echo "$file is not a file that can be read"
            return 1
        fi
        if ! grep -q -e '-----BEGIN CERTIFICATE-----' "$file"; then
            echo "$file has no certificate (PEM)"
            return 1
        fi
        if ! grep -q -e '-----BEGIN .*PRIVATE KEY-----' "$file" "$file.key" 2> /dev/null; then
            echo "$file has no private key (PEM), and there is no $file.key"
            return 1
        fi
    done
    [ -n "$found" ] || { echo "$1 has no certificates" && return 1; }
}

# login_is_usable <file, or ->: whether the first line of the file is a user and a password. marathon-lb takes no colon
# in the password (common.py, get_marathon_auth_params).
login_is_usable() {
    [ "$1" = - ] || grep -q -m 1 -E '^[^:]+:[^:]+$' "$1" 2> /dev/null || {
        echo "$1 does not have one line user:password, without a colon in the password"
        return 1
    }
}
