#!/bin/bash
# For the stage at which members answer over TLS and without it: before and after their roll they have no TLS. Comes
# after role/tls.sh.
# In the environment, optional: TLS_OWN, the address of the member whose health check this is. It must have TLS: Mesos
# that was built without it ignores its variables.
may_be_plain() { [ "$1" != "${TLS_OWN-}" ]; }
