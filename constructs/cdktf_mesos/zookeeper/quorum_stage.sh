#!/bin/bash
# Whether a server may be brought to the program's stage of quorum TLS. It must be the stage of the other servers that run,
# or the one before or after it: only then each takes the connections that the other makes. Comes after role/ask.sh.
# In the environment: QUORUM_TLS, the stage of the program; SERVERS, the addresses of all servers; ELECTION_PORT.

quorum_stages=(off prepared used required)

# tls_follows: prints the reason if this image cannot find out the stages. Returns 2, as waiting is of no use.
tls_follows() {
    if ! type -P openssl > /dev/null; then
        echo "this image has no program openssl, and the stages of the other servers' TLS cannot be found out without it:" \
            "use another image, or gate_image"
        return 2
    fi
}

# stage_follows <address>: prints the reason if the server at the address may not be brought to the stage.
stage_follows() {
    local server stage
    for server in $SERVERS; do
        [ "$server" != "$1" ] || continue
        PORT=$ELECTION_PORT listening "$server" 2> /dev/null || continue
        stage=$(stage_in_time "$server" 2> /dev/null)
        if [ -z "$stage" ]; then
            echo "the server $server does not show in time whether it has TLS (port $ELECTION_PORT)"
            return 1
        elif ! next_to "$stage"; then
            echo "the server $server is at the stage $stage of quorum TLS, and this deploy is for $QUORUM_TLS: go from" \
                "stage to stage"
            return 1
        fi
    done
}

# next_to <stage>: whether it is the program's, or the one before or after it.
next_to() {
    local number program=0 other=0
    for number in "${!quorum_stages[@]}"; do
        [ "${quorum_stages[number]}" != "$QUORUM_TLS" ] || program=$number
        [ "${quorum_stages[number]}" != "$1" ] || other=$number
    done
    case $((program - other)) in -1 | 0 | 1) return 0 ;; *) return 1 ;; esac
}

# stage_in_time <address>: as quorum_stage, with a time limit. It takes longer than a question of role/ask.sh may.
stage_in_time() {
    PORT=$ELECTION_PORT limited 8 bash -c "$(declare -f)"$'\n''"$@"' ask quorum_stage "$1"
}

# quorum_stage <address>: prints the stage of the server there; nothing if it does not show it in time. A program that is at
# `prepared` need not know more than whether the server is at `required`.
quorum_stage() {
    local messages plain=no
    ! takes_plain "$1" || plain=yes
    # A server without TLS takes the begin of a TLS connection for another server's id. So that is sent to no server
    # before the stage `used`.
    case $QUORUM_TLS-$plain in
        prepared-yes) echo prepared && return ;;
        prepared-no) echo required && return ;;
    esac
    # Codes above 1 are those of the time limit.
    messages=$(handshake "$1") || [ $? = 1 ] || return
    case $plain-$messages in
        # Only from `used` on a server wants certificates of those that connect (quorum_settings.py).
        yes-*CertificateRequest*) echo used ;;
        no-*CertificateRequest*) echo required ;;
        yes-*ServerHello*) echo prepared ;;
        yes-*) echo off ;;
    esac
}

# handshake <address>: begins a TLS connection to PORT, and prints the messages of both sides by their names.
handshake() { find_limit && limited 5 openssl s_client -msg -connect "$1:$PORT" < /dev/null 2>&1; }

# takes_plain <address>: whether PORT there takes connections without TLS. A server that does not closes them after the
# first 5 bytes (UnifiedServerSocket); others wait for 8. All ones in the first 8 are an unknown version of the protocol,
# so then these close the connection, too (QuorumCnxManager).
takes_plain() {
    connect "$1" && printf '\xff\xff\xff\xff\xff' >&3 && stays_open 1 && printf '\xff\xff\xff' >&3 && ! stays_open 1
}

# stays_open <seconds>: whether the other end sends nothing and does not close the connection for so long.
stays_open() {
    local code=0
    read -r -t "$1" -N 1 -u 3 || code=$?
    # The code of a read whose time is over (bash's manual, read).
    [ "$code" -gt 128 ]
}
