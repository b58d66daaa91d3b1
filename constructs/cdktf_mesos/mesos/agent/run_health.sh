#!/bin/bash
# Runs the health check of an agent. Comes after kept.sh and known.sh.
agent_health "$@"
