#!/bin/bash
# Runs the health check of a member that wants a login. Comes after role/login.sh and role/health.sh.
explained health "$@"
