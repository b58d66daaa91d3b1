#!/bin/bash
# Writes the certificate of the members' authority to a file, for role/tls.sh.
# In AUTHORITY: the certificate.
TLS_CA=$(mktemp) || exit 1
export TLS_CA
trap 'rm -f "$TLS_CA"' EXIT
printf '%s' "$AUTHORITY" > "$TLS_CA"
