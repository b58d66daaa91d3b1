#!/bin/bash
# Starts a host of the sandbox:
#   host-init.sh <host> <its folder> <cgroup>
# It joins the cgroup and the host's network, and makes the other namespaces. In these it runs itself again, without the
# last argument, as process 1, which mounts the host's own folders, and starts sshd and the engine.
# The signal USR1 makes process 1 start the engine, unless it runs.
set -eu
host=$1 dir=$2 cgroup=${3:-}

if [ -n "$cgroup" ]; then
    for procs in /sys/fs/cgroup/*/"$cgroup"/cgroup.procs; do echo $$ > "$procs"; done
    exec nsenter --net="/run/netns/$host" \
        unshare --cgroup --mount --uts --ipc --pid --fork --propagation private -- bash "$0" "$host" "$dir"
fi

hostname "$host"
mount --make-rprivate /

# Unmount the mounts of other engines on this machine: otherwise they would stay mounted here while the host is on.
tac /proc/self/mountinfo | while read -r _ _ _ _ target rest; do
    case $rest in
        *" - overlay "*|*" - nsfs "*|*" - tmpfs shm "*) [ "$target" = / ] || umount -l "$target" ;;
    esac
done

mount -t proc proc /proc
mount -t tmpfs tmpfs /mnt                           # until the host's own /mnt covers it
mkdir /mnt/host /mnt/cgroup
mount --bind "$dir" /mnt/host
if [ -e /mnt/host/cmdline ]; then mount --bind /mnt/host/cmdline /proc/cmdline; fi

# Make folders of the machine visible that the host's own folders would cover (sandbox/ec2/guest.py lists them).
if [ -e /mnt/host/visible ]; then
    while read -r path; do
        mkdir -p "/mnt/host$path"
        mount --rbind "$path" "/mnt/host$path"
    done < /mnt/host/visible
fi

# Mount the cgroup hierarchies again. Their root is now the host's cgroup, so all cgroups that the host makes are in it.
mount -t tmpfs -o mode=755 cgroup /mnt/cgroup
mapfile -t mounts < /proc/self/mountinfo
for mount in "${mounts[@]}"; do
    read -r _ _ _ _ target rest <<< "$mount"
    name=${target#/sys/fs/cgroup/}
    case $rest in
        *" - cgroup "*)
            # shellcheck disable=SC2001  # it matches by a regular expression
            options=$(sed 's/release_agent=[^,]*,//' <<< "${rest##* rw,}")     # only the root namespace may set one
            mkdir "/mnt/cgroup/$name"
            mount -t cgroup -o "$options" cgroup "/mnt/cgroup/$name" ;;
        *" - cgroup2 "*) mkdir "/mnt/cgroup/$name"; mount -t cgroup2 cgroup2 "/mnt/cgroup/$name" ;;
    esac
done
find /sys/fs/cgroup -maxdepth 1 -type l -exec cp -P {} /mnt/cgroup/ \;
umount -R /sys
mount -t sysfs sysfs /sys                           # shows the devices of this network namespace
mount --move /mnt/cgroup /sys/fs/cgroup             # moved, not bound: runc takes the first cgroup mount that it finds

mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd /run/lock
if [ -e /mnt/host/data.ext4 ]; then mount -o loop /mnt/host/data.ext4 /mnt/host/var/lib/cdktf-mesos; fi
for own in etc home root opt srv tmp usr/local var mnt; do mount --rbind "/mnt/host/$own" "/$own"; done
cd /
mount --make-rshared /                              # as under systemd; mounts of the machine do not get in

start_engine() {
    if ! pgrep -x dockerd > /dev/null; then /usr/sbin/dockerd >> /var/log/dockerd.log 2>&1 & fi
}

trap start_engine USR1
/usr/sbin/sshd -D -e >> /var/log/sshd.log 2>&1 &
start_engine
sleep infinity &
while true; do wait || true; done                   # bash reaps orphaned processes
