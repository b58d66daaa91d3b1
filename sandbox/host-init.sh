#!/bin/bash
# Starts a host of the sandbox:
#   host-init.sh <host> <its folder> <cgroup>
# It joins the cgroup and the host's network, and makes the other namespaces, in some steps. In these it runs itself
# again, in the end without the cgroup, as process 1, which mounts the host's own folders, and starts sshd and the engine.
# The signal USR1 makes process 1 start the engine, unless it runs.
set -eu
host=$1 dir=$2 cgroup=${3:-} step=${4:-join}

# Whether the machine has cgroup v2 alone, with all controllers.
only_v2() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }

# Joins the cgroup, and the network.
join() {
    if only_v2; then
        echo $$ > "/sys/fs/cgroup/$cgroup/cgroup.procs"
        exec nsenter --net="/run/netns/$host" \
            unshare --mount --propagation private -- bash "$0" "$host" "$dir" "$cgroup" hold
    fi
    for procs in /sys/fs/cgroup/*/"$cgroup"/cgroup.procs; do echo $$ > "$procs"; done
    exec nsenter --net="/run/netns/$host" \
        unshare --cgroup --mount --uts --ipc --pid --fork --propagation private -- bash "$0" "$host" "$dir"
}

# Holds the hierarchy that Mesos's agents make on such machines, open and not mounted: from a cgroup namespace such as the
# host's, hierarchies can be mounted but not made.
hold() {
    mount -t cgroup -o none,name=cdktf-mesos cgroup /mnt
    exec 9< /mnt
    umount --lazy /mnt
    exec unshare --cgroup -- bash "$0" "$host" "$dir" "$cgroup" leave
}

# Leaves the host's own cgroup for one in it: only a cgroup without processes can have controllers for others in it.
leave() {
    mkdir -p "/sys/fs/cgroup/$cgroup/init"
    echo $$ > "/sys/fs/cgroup/$cgroup/init/cgroup.procs"
    exec unshare --uts --ipc --pid --mount --fork --propagation private -- bash "$0" "$host" "$dir"
}

if [ -n "$cgroup" ]; then "$step"; fi

hostname "$host"
mount --make-rprivate /

# Unmount the mounts of other engines on this machine: otherwise they would stay mounted here while the host is on.
# A mount that is under another one cannot be reached; where systemd makes mounts shared, there are some.
tac /proc/self/mountinfo | while read -r _ _ _ _ target rest; do
    case $rest in
        *" - overlay "*|*" - nsfs "*|*" - tmpfs shm "*) [ "$target" = / ] || umount --lazy --quiet "$target" || true ;;
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
if only_v2; then
    mount -t cgroup2 cgroup2 /mnt/cgroup
    sed 's/[^ ]\+/+&/g' /mnt/cgroup/cgroup.controllers > /mnt/cgroup/cgroup.subtree_control
else
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
fi
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
    if ! pgrep -x dockerd > /dev/null; then /usr/sbin/dockerd >> /var/log/dockerd.log 2>&1 9<&- & fi
}

trap start_engine USR1
/usr/sbin/sshd -D -e >> /var/log/sshd.log 2>&1 9<&- &
start_engine
sleep infinity &
while true; do wait || true; done                   # bash reaps orphaned processes
