#!/bin/bash
# For the stage `used`: members that the roll has not reached yet have no TLS, so requests to them are sent again without
# it. Comes after role/tls.sh.
# In the environment, optional: TLS_OWN, the address of the member whose health check this is. That one must have TLS: if
# Mesos was built without TLS, it ignores the variables that turn it on.
may_be_plain() { [ "$1" != "${TLS_OWN-}" ]; }
