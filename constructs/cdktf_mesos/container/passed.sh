#!/bin/bash
# The end of a check that has passed. Terraform sees the file, as it asks each second; so the container stays a while.
# Arguments: how long, in seconds.
touch /tmp/passed
sleep "$1"
