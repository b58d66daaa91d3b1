#!/bin/bash
# What must be true of the data on a ZooKeeper server's host before its container is made or replaced; after role/ask.sh
# and the server's questions.
# In the environment: DATA, the directory of the host that has the server's data; MY_ID, the id that it is to have; SERVER,
# its address; PORT, for clients.

# An image keeps the id that it finds (31z4/zookeeper-docker, docker-entrypoint.sh). A server with another one's id takes
# its place in the list, cannot listen at its address, and ends.
settled() {
    local id=
    [ ! -e "$DATA/myid" ] || read -r id < "$DATA/myid"
    if [ -n "$id" ] && [ "$id" != "$MY_ID" ]; then
        echo "$DATA on $SERVER has the data of server $id, and this is to be server $MY_ID, as servers are numbered in the" \
            "order of the list of machines. Put the machines back in their order; or, while no server of the ensemble" \
            "runs, remove myid there and on all its other machines; or, if nobody needs these data, move $DATA aside"
        return 2
    fi
    # Both directories are made when a server starts (ZooKeeper, FileTxnSnapLog).
    if asked serving "$SERVER" && [ ! -d "$DATA/version-2" ]; then
        echo "the server on $SERVER serves, and $DATA has no data: they are in its container alone, and would be lost with" \
            "it. Copy them from there first (docker cp), or use an image that keeps its data in /data"
        return 2
    fi
}
