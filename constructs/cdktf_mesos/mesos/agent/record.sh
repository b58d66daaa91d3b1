#!/bin/bash
# What identifies a process and an agent.

# start_time <process id>: when the process started, in the kernel's ticks. Process ids are reused, but not together
# with the same start time. It is the 22nd field of the process's stat; the 2nd field may contain any characters
# (proc(5)).
start_time() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 20; }

# agent_id <work directory>: prints the agent's id; nothing if the agent has never registered.
agent_id() {
    local latest
    latest=$(readlink "$1/meta/slaves/latest") && basename "$latest"
}
