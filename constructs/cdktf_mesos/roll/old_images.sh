#!/bin/bash
# Removes images of past versions from a machine. It runs in a container that has the machine's root directory at /host.
# Comes after role/ask.sh.
# Arguments: the name of this container; how many versions of each repository stay; the images that the program uses,
# "zookeeper:3.9.4" …
# Only the repositories of these images are considered. An image that any container uses stays, even if the container
# has ended. If a step fails, an image stays on the machine, and nothing else happens: no deploy waits for this script.

# engine <arguments of docker> …: runs the machine's docker command, otherwise the image's own.
engine() { limited 60 "${docker[@]}" "$@"; }

# find_engine <name of this container>: sets `docker`, and checks that it reaches the engine that runs this container.
# It names the socket, because root's docker context on the machine may be another engine.
find_engine() {
    docker=(chroot /host docker -H unix:///var/run/docker.sock)
    engine version > /dev/null 2>&1 || docker=(docker -H unix:///host/run/docker.sock)
    engine inspect "$1" > /dev/null 2>&1
}

# repository_of <image>: the repository as the engine shows it, without the prefixes that stand for Docker Hub.
repository_of() {
    local name=${1%%@*}
    if [[ ${name##*/} == *:* ]]; then name=${name%:*}; fi
    name=${name#index.}
    name=${name#docker.io/}
    echo "${name#library/}"
}

# ids_in_use <image> …: the ids of the images given, of those that containers use, and of those that agents start
# executors from.
ids_in_use() {
    local containers=() described line
    mapfile -t containers < <(engine ps -aq --no-trunc)
    # The list is never empty: it has this container.
    described=$(engine inspect --format '{{println .Image}}{{range .Config.Env}}{{println .}}{{end}}' "${containers[@]}") ||
        return
    grep '^sha256:' <<< "$described"
    while read -r line; do
        engine image inspect --format '{{.Id}}' "$line"
    done < <(printf '%s\n' "$@"; grep '^MESOS_DOCKER_MESOS_IMAGE=' <<< "$described" | cut -d = -f 2-) 2> /dev/null
}

# names_in <repository>: its images, a line "<id> <tag> <digest>" for each.
names_in() {
    local id repository tag digest
    while read -r id repository tag digest; do
        [ "$repository" != "$1" ] || echo "$id $tag $digest"
    done < <(engine image ls --no-trunc --format '{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}}')
}

# newest_first <id> …: the ids, ordered by the date of the build.
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
