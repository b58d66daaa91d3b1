#!/bin/bash
# Runs the health check of a member. Comes after role/health.sh.
health "$@"
