#!/bin/bash
# Runs `make demo` and `make down` in a folder, on a virtual machine of the sandbox:
#   demo_as_root.sh <folder> <log>
# The demo makes a sandbox of its own, with a bridge that has the same addresses. So the machine gives up its own address
# meanwhile, and logins to it wait. The log ends with the line "exit code …". If the demo fails, the log has the last
# lines of the hosts' engines before it.
set -eu
folder=$1 log=$2
read -r _ nic _ address _ < <(ip -oneline -4 address show to 10.213.7.0/24)

finish() {
    local code=$?
    if [ "$code" != 0 ]; then
        tail --lines=5 /var/lib/cdktf-mesos-sandbox/hosts/*/var/log/dockerd.log >> "$log"
        make down >> "$log" 2>&1 || true    # otherwise its bridge keeps the machine's address from being reached
    fi
    echo "exit code $code" >> "$log"
    ip address add "$address" dev "$nic" || true
}
trap finish EXIT

ip address del "$address" dev "$nic"
cd "$folder"
make demo >> "$log" 2>&1
make down >> "$log" 2>&1
