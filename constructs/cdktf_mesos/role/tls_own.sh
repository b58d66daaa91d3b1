#!/bin/bash
# In the health check of a member with TLS. Comes after role/tls_or_plain.sh. The first argument is the member's address.
export TLS_OWN=$1
