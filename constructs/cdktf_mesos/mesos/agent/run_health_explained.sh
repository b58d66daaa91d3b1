#!/bin/bash
# Runs the health check of an agent that wants a login. Comes after role/login.sh, kept.sh and known_with_login.sh.
explained agent_health "$@"
