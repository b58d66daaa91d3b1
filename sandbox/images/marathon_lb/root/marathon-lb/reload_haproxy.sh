#!/bin/bash
# Keeps the state of servers, then reloads haproxy.
socat /var/run/haproxy/socket - <<< "show servers state" > /var/state/haproxy/global
sv reload /marathon-lb/service/haproxy
