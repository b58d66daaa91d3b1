#!/bin/bash
# Closes the znodes of a role to all who do not have its password, or opens them again. Runs in ZooKeeper's image, after
# role/ask.sh, questions.sh and role/survey.sh, and before container/passed.sh. It uses zkCli.sh, and only commands that
# every release from 3.4 on has.
# Arguments: the argument of passed.sh; how long this may take; how long it goes on with new znodes after that. Times are
# in seconds. In the environment: SERVERS, the connect string; CHROOT, the role's path; LOGIN_FILE, a file with user:password;
# ACCESS, closed or open; BELOW, the paths below CHROOT whose ACLs are set as well, or `*` for all; READABLE, the paths
# that anyone may read when they are closed, with all below them, or `.` for CHROOT; CLIENTS, the paths in which each
# client of the role has an ephemeral znode. All paths but CHROOT are relative to it. For the servers: MEMBERS, their
# addresses; PORT; QUORUM, how many of them can serve.

# What zkCli.sh says of a znode that does not exist marks the end of an answer.
MARK=/zookeeper/no-such-node
ANYONE="'world,'anyone"
# What `stat` says of an ephemeral znode: the session that owns it.
EPHEMERAL='ephemeralOwner = 0x0*[1-9a-f]'

# start: connects and logs in. zkCli.sh repeats each command in its output, and so the password. Never show its output.
start() {
    local login=""
    stop
    { read -r login < "$LOGIN_FILE" || [ -n "$login" ]; } 2> /dev/null && [[ $login == ?*:?* ]] || {
        why="there is no user:password in $LOGIN_FILE"
        return 1
    }
    user=${login%%:*}
    coproc CLI { exec zkCli.sh -server "$SERVERS" 2>&1; }
    tell "addauth digest $login" && find_own
}

stop() {
    [ -z "${CLI_PID-}" ] || kill "$CLI_PID" && wait "$CLI_PID"
    unset CLI_PID
} 2> /dev/null

# tell <command>: has zkCli.sh run a command, and puts what it prints into `answer`.
tell() {
    local line until=$((SECONDS + ANSWER_SECONDS))
    answer=""
    [ -n "${CLI_PID-}" ] && printf '%s\nstat %s\n' "$1" "$MARK" >&"${CLI[1]}" || return 1
    # While it has no connection, it prints a line for each attempt.
    while [ "$SECONDS" -lt "$until" ] && IFS= read -r -t "$ANSWER_SECONDS" -u "${CLI[0]}" line; do
        case $line in
            '[zk: '*) ;;
            *"Node does not exist: $MARK"*) return ;;
            *) answer+=$line$'\n' ;;
        esac
    done
    return 1
} 2> /dev/null

# list <path>: puts the names of a znode's children into `names`.
list() {
    local line
    names=()
    tell "ls $1" || return
    while IFS= read -r line; do
        if [[ $line =~ ^\[(.+)\]$ ]]; then IFS=' ' read -ra names <<< "${BASH_REMATCH[1]//,/ }"; fi
    done <<< "$answer"
}

# look <path>: puts a znode's ACL into `acl`: its lines are `<scheme and id> <permissions>`, in order. Nothing if there is
# no such znode, or if it cannot be read.
look() {
    local line id="" lines=()
    tell "getAcl $1" || return
    while IFS= read -r line; do
        if [[ $line =~ ^\'[a-z0-9]+,\' ]]; then
            id=$line
        elif [[ $line =~ ^:\ ([cdrwa]+)$ ]] && [ -n "$id" ]; then
            lines+=("$id ${BASH_REMATCH[1]}") id=""
        fi
    done <<< "$answer"
    acl=$(printf '%s\n' ${lines[@]+"${lines[@]}"} | LC_ALL=C sort)
}

# find_own: puts our user with the digest of our password, as ACLs have them, into `own`.
find_own() {
    local own_node=/cdktf-mesos-$RANDOM$RANDOM
    tell "create -e $own_node x auth::cdrwa" && look "$own_node" && tell "delete $own_node" || return
    own=${acl% cdrwa}
    [[ $own == "'digest,'$user:"* ]] || { why="it does not show an ACL of the user $user" && return 1; }
}

# find_paths: puts all paths whose ACL is to be set into `paths`.
find_paths() {
    local name at=0
    paths=("$CHROOT")
    if [ "$BELOW" != '*' ]; then
        for name in $BELOW; do paths+=("$CHROOT/$name"); done
        return
    fi
    while [ "$at" -lt "${#paths[@]}" ]; do
        list "${paths[at]}" || return
        for name in ${names[@]+"${names[@]}"}; do paths+=("${paths[at]}/$name"); done
        at=$((at + 1))
    done
}

# all_have_the_password: whether each client of the role made its ephemeral znode with our password. The others would end
# when these paths are closed.
all_have_the_password() {
    local path name
    for path in $CLIENTS; do
        path=$CHROOT/$path path=${path%/.}
        list "$path" || return
        for name in ${names[@]+"${names[@]}"}; do
            tell "stat $path/$name" || return
            [[ $answer =~ $EPHEMERAL ]] || continue
            look "$path/$name" || return
            [[ -z $acl || $acl == *"$own "* ]] || {
                why="$path/$name was made by a client that does not have this password, and would be locked out"
                return 1
            }
        done
    done
}

is_readable() {
    local path
    for path in $READABLE; do
        [[ $path = . || $1/ == "$CHROOT/$path/"* ]] && return
    done
    return 1
}

is_of_client() {
    local path
    for path in $CLIENTS; do
        path=$CHROOT/$path
        [[ ${1%/*} != "${path%/.}" ]] || return 0
    done
    return 1
}

# set_acl <path>
set_acl() {
    local wanted="$ANYONE cdrwa" words=world:anyone:cdrwa
    look "$1" || return
    if [ "$ACCESS" = closed ]; then
        wanted="$own cdrwa" words=auth::cdrwa
        if is_readable "$1"; then wanted+=$'\n'"$ANYONE r" words+=,world:anyone:r; fi
    elif [[ $acl == *"$own "* ]] && is_of_client "$1"; then
        tell "stat $1" || return
        # It stays recognisable as that of a client with the password, for all_have_the_password.
        if [[ $answer =~ $EPHEMERAL ]]; then wanted="$own cdrwa"$'\n'"$wanted" words=auth::cdrwa,$words; fi
    fi
    [ "$acl" != "$wanted" ] || return 0
    tell "setAcl $1 $words" && look "$1" || return
    if [ "$acl" = "$wanted" ]; then
        changed=$((changed + 1))
        return
    fi
    # It is gone, or it was made with another password.
    tell "stat $1" || return
    [[ $answer == *"Node does not exist: $1"* ]] || {
        why="$1 cannot be changed with this password: somebody has closed it with another one"
        return 1
    }
}

# once: sets all ACLs. If that fails, `why` has the reason.
once() {
    local path
    why="ZooKeeper at $SERVERS does not answer" changed=0
    [ -n "${CLI_PID-}" ] || start || return
    [ "$ACCESS" = open ] || all_have_the_password || return
    find_paths || return
    for path in "${paths[@]}"; do set_acl "$path" || return; done
}

acls() {
    local patience=$1 further=$2 user="" own="" answer="" acl="" names=() paths=() ensemble changed=0 why=""
    local ANSWER_SECONDS=$((patience < 30 ? patience : 30))
    read -ra ensemble <<< "$MEMBERS"
    find_limit || exit 1
    # If zkCli.sh has ended, `tell` fails, and it is started again. Without this, bash would end with it.
    trap : PIPE
    until once; do
        stop
        # The first machines of a new cluster have no quorum. The step of a later one sets the ACLs.
        survey "${ensemble[@]}"
        # shellcheck disable=SC2154 # `survey` sets it
        if [ "$listening_count" -gt 0 ] && being_formed "$QUORUM"; then
            echo "$CHROOT: the ensemble is being formed"
            return
        fi
        if [ "$SECONDS" -ge "$patience" ]; then
            echo "$CHROOT: $why"
            exit 1
        fi
        sleep 1
    done
    echo "$CHROOT is $ACCESS. Changed ACLs: $changed"
    # A client that still runs with the password may make closed znodes until it is replaced.
    [ "$further" = 0 ] || touch /tmp/passed
    until [ "$further" -le 0 ]; do
        sleep 5
        further=$((further - 5))
        once || stop
    done
    stop
}
acls "${@:2}"
