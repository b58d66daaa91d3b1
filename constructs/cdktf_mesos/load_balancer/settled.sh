#!/bin/bash
# The check on a host before the load balancer is replaced. Follows files.sh in the preflight's script.
# In the environment: CERTIFICATES, a directory, or -; LOGIN, a file, or -.
settled() { certificates_are_usable "$CERTIFICATES" && login_is_usable "$LOGIN" || return 2; }
