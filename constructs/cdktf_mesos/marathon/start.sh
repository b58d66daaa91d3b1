#!/bin/bash
# Starts Marathon with variables whose values are in files. So nobody sees the values in the container's definition or in
# the list of processes.
# Arguments: <variable>=<file> …; --; Marathon's arguments.
start() {
    local value program
    while [ "$1" != -- ]; do
        value=""
        # A file without an end of line is read, too, although `read` fails.
        read -r value < "${1#*=}" || [ -n "$value" ] || { echo "${1#*=} cannot be read, or is empty" && exit 1; }
        export "${1%%=*}=$value"
        shift
    done
    shift
    # The images' own entrypoint, in their working directory: from 1.5 on the first one, before that the second one.
    for program in bin/marathon bin/start; do [ ! -x "$program" ] || exec "$program" "$@"; done
    echo "there is neither bin/marathon nor bin/start in $PWD"
    exit 1
}
start "$@"
