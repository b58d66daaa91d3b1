#!/bin/bash
# The questions that health checks and preflights ask a Mesos agent that requires no password. role/ask.sh says what
# each must answer.

# An agent serves while it is registered with the leading master (Mesos docs, monitoring).
serving() { has_gauge "$1" '"slave.{1,2}registered":1[^0-9]'; }

# Whether the agent is not ending any executor (Mesos docs, monitoring).
ending_no_executor() { has_gauge "$1" '"slave.{1,2}executors_terminating":0([^0-9.]|[.]0)'; }

# Before 0.26 there is no /version: the release is in the whole state (Mesos docs, /version).
running_release() { http_version "$1" /version /state.json; }
