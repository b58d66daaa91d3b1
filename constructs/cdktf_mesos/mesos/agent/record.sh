#!/bin/bash
# What tells an agent and a process from another one.

# When a process began, in the kernel's ticks: a process id is used again, but not with the same time. It is the 22nd
# field of the process's stat, whose 2nd may have anything in it (proc(5)).
began() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 20; }

# agent_id <work directory>: empty before the agent has registered for the first time.
agent_id() {
    local latest
    latest=$(readlink "$1/meta/slaves/latest") && basename "$latest"
}
