#!/bin/bash
# The end of a check that has passed. The file makes the container healthy. The container then keeps running until
# Terraform, which looks each second, has seen that.
# Arguments: how long it keeps running, in seconds.
touch /tmp/passed
sleep "$1"
