#!/bin/bash
# Removes images of past versions from a machine: run in a container that has the machine's root at /host. After
# role/ask.sh.
# Arguments: the name of this container; how many versions of each repository stay; the images that the program wants,
# "zookeeper:3.9.4" …
# Only their repositories are looked at. An image that any container has, also one that has ended, stays. Whatever fails
# leaves an image where it is, and nothing more: no deploy waits for it.

# engine <arguments of docker> …: by the machine's docker command, else by the image's own.
engine() { limited 60 "${docker[@]}" "$@"; }

# find_engine <name of this container>: the socket is said, as root's docker context on the machine may be of another
# engine; and it must be the engine that runs this container.
find_engine() {
    docker=(chroot /host docker -H unix:///var/run/docker.sock)
    engine version > /dev/null 2>&1 || docker=(docker -H unix:///host/run/docker.sock)
    engine inspect "$1" > /dev/null 2>&1
}

# repository_of <image>: as the engine shows it, without the names that Docker Hub goes by.
repository_of() {
    local name=${1%%@*}
    if [[ ${name##*/} == *:* ]]; then name=${name%:*}; fi
    name=${name#index.}
    name=${name#docker.io/}
    echo "${name#library/}"
}

# The ids of all images that are wanted, that containers have, or that agents start executors of.
ids_in_use() {
    local containers=() described line
    mapfile -t containers < <(engine ps -aq --no-trunc)
    # There is one container at least, this one.
    described=$(engine inspect --format '{{println .Image}}{{range .Config.Env}}{{println .}}{{end}}' "${containers[@]}") ||
        return
    grep '^sha256:' <<< "$described"
    while read -r line; do
        engine image inspect --format '{{.Id}}' "$line"
    done < <(printf '%s\n' "$@"; grep '^MESOS_DOCKER_MESOS_IMAGE=' <<< "$described" | cut -d = -f 2-) 2> /dev/null
}

# The names of images in a repository: "<id> <tag> <digest>", each on a line.
names_in() {
    local id repository tag digest
    while read -r id repository tag digest; do
        [ "$repository" != "$1" ] || echo "$id $tag $digest"
    done < <(engine image ls --no-trunc --format '{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}}')
}

# newest_first <id> …
newest_first() { engine image inspect --format '{{.Created}} {{.Id}}' "$@" | sort -r | cut -d ' ' -f 2; }

# remove_old <repository> <how many stay> <ids in use>
remove_old() {
    local repository=$1 keep=$2 in_use=$3 names ids=() id old=() tag digest
    names=$(names_in "$repository")
    mapfile -t ids < <(cut -d ' ' -f 1 <<< "$names" | sort -u)
    while read -r id; do
        if grep -Fqx "$id" <<< "$in_use"; then keep=$((keep - 1)); else old+=("$id"); fi
    done < <(newest_first "${ids[@]}")
    [ "$keep" -ge 0 ] || keep=0
    for id in "${old[@]:$keep}"; do
        while read -r _ tag digest; do
            if [ "$tag" = '<none>' ]; then engine image rm "$repository@$digest"; else engine image rm "$repository:$tag"; fi
        done < <(grep -F "$id " <<< "$names")
    done
}

old_images() {
    local name=$1 keep=$2 in_use repository image
    shift 2
    find_limit || return
    find_engine "$name" || { echo "no docker command on the machine reaches its engine"; return; }
    in_use=$(ids_in_use "$@") || return
    while read -r repository; do
        remove_old "$repository" "$keep" "$in_use"
    done < <(for image in "$@"; do repository_of "$image"; done | sort -u)
}
old_images "$@" || true
