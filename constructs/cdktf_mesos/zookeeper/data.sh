#!/bin/bash
# Checks the data on a ZooKeeper server's host, before the server's container is created or replaced. Follows
# role/ask.sh and questions.sh in the preflight's script.
# In the environment: DATA, the directory on the host with the server's data; MY_ID, the server's id; SERVER, the
# server's address; PORT, the port for clients.

# The image keeps an id that it finds in the data (31z4/zookeeper-docker, docker-entrypoint.sh). With the id of another
# server, a server looks up that server's entry in the list, cannot listen on the address there, and exits.
settled() {
    local id=
    [ ! -e "$DATA/myid" ] || read -r id < "$DATA/myid"
    if [ -n "$id" ] && [ "$id" != "$MY_ID" ]; then
        echo "$DATA on $SERVER has the data of server $id, but this host is to run server $MY_ID: servers are numbered in" \
            "the order of the list of machines. Put the machines back in their old order. If the new order is intended," \
            "stop all servers of the ensemble and remove the file myid on each of its machines. If nobody needs these" \
            "data, move $DATA aside"
        return 2
    fi
    # A server creates version-2 in its data directory when it starts (ZooKeeper, FileTxnSnapLog).
    if asked serving "$SERVER" && [ ! -d "$DATA/version-2" ]; then
        echo "the server on $SERVER serves, but $DATA has no data: they are only in the container, and would be lost when" \
            "it is replaced. Copy them to the host first (docker cp), or use an image that keeps its data in /data"
        return 2
    fi
}
