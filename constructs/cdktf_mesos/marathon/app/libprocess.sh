#!/bin/sh
# Says to libmesos where the masters reach it: at the agent's address, and at a port that Marathon has reserved. Runs in a
# framework's container, before its command. Marathon sets HOST, the agent's host name, which may be its address.
address=$HOST
case $HOST in *[!0-9.]*)
    address=$(getent ahostsv4 "$HOST")
    address=${address%% *}
    ;;
esac
# Without an address, libmesos looks up the machine's own name.
[ -z "$address" ] || export LIBPROCESS_IP="$address"
export LIBPROCESS_PORT="$PORT1"
