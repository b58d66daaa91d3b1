#!/bin/bash
# The files of the host that marathon-lb reads. entrypoint.sh asks before it starts, settled.sh before the container is
# replaced.

# certificates_are_usable <directory, or ->: whether haproxy can use each file that it would load. haproxy passes over
# folders, and names that end in .key, .issuer, .ocsp or .sctl (configuration manual, bind option crt).
certificates_are_usable() {
    local file problem found=
    [ "$1" != - ] || return 0
    for file in "$1"/*; do
        if [[ $file =~ [.](key|issuer|ocsp|sctl)$ ]] || [ -d "$file" ]; then continue; fi
        # Without files, the pattern stays as it is. A link that leads nowhere does not exist either, but haproxy stops at it.
        [ -e "$file" ] || [ -L "$file" ] || continue
        found=yes
        problem=$(problem_of "$file") || { echo "$file $problem" && return 1; }
    done
    [ -n "$found" ] || { echo "$1 has no certificates" && return 1; }
}

# problem_of <file>: fails, and says what is wrong, if the file is not a certificate with its key.
problem_of() {
    local key=$1 of_certificate of_key
    [ -f "$1" ] && [ -r "$1" ] || { echo "is not a file that can be read" && return 1; }
    grep -q -e '-----BEGIN CERTIFICATE-----' "$1" || { echo "has no certificate (PEM)" && return 1; }
    grep -q -e '-----BEGIN .*PRIVATE KEY-----' "$1" || key=$1.key
    grep -q -e '-----BEGIN .*PRIVATE KEY-----' "$key" 2> /dev/null \
        || { echo "has no private key (PEM), and there is no $1.key" && return 1; }
    # marathon-lb's images have openssl. If the checks run in another image, the rest may be unknown.
    command -v openssl > /dev/null || return 0
    of_certificate=$(openssl x509 -in "$1" -noout -pubkey 2> /dev/null) \
        || { echo "has a certificate that cannot be read" && return 1; }
    of_key=$(openssl pkey -in "$key" -passin pass: -pubout 2> /dev/null) \
        || { echo "has a private key that cannot be read; a password is not possible" && return 1; }
    [ "$of_key" = "$of_certificate" ] || { echo "has a private key that is not that of its certificate" && return 1; }
}

# login_is_usable <file, or ->: whether the first line of the file is a user and a password. marathon-lb takes no colon
# in the password (common.py, get_marathon_auth_params).
login_is_usable() {
    local line=
    [ "$1" != - ] || return 0
    { read -r line < "$1" || [ -n "$line" ]; } 2> /dev/null
    [[ $line =~ ^[^:]+:[^:]+$ ]] || {
        echo "$1 does not begin with a line user:password, without a colon in the password"
        return 1
    }
}
