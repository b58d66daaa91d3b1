#!/bin/bash
# What can be asked of a Mesos agent that answers without a password; see role/ask.sh.

# An agent serves while it is registered with the leading master (Mesos docs, monitoring).
serving() { has_gauge "$1" '"slave.{1,2}registered":1[^0-9]'; }

# Whether the agent ends no executor at the moment (Mesos docs, monitoring).
ending_no_executor() { has_gauge "$1" '"slave.{1,2}executors_terminating":0([^0-9.]|[.]0)'; }

# Before 0.26 only the whole state says it (Mesos docs, /version).
running_release() { http_version "$1" /version /state.json; }
