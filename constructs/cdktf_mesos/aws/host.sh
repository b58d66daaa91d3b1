#!/bin/bash
# Turns a machine on EC2 with Debian 12 or 13 into a host of a cluster. Its settings are in host.env. Comes after
# host/changes.sh and host/prepare_steps.sh, which have the steps that are not only EC2's.
#   prepare        run by root at the first boot: installs packages, and mounts the data volume. On Debian 12 it sets the
#                  kernel's arguments for cgroup v1. It can be run again and then does only what is missing.
#   publish        run by root: writes the public host key to SSM, where Terraform reads it
#   check <epoch>  run by the login user: exits with 0 if the machine is ready, 75 if it is not ready yet, and 1 if
#                  something is wrong, with a line for each problem. <epoch> is the caller's time.
set -euo pipefail

DEVICE_SECONDS=300                      # how long the data volume may take to appear at any boot
MIN_FREE_GIB=1                          # free space that DATA_DIR must have; host.env may change both

# shellcheck source=/dev/null
source /etc/cdktf-mesos/host.env

# shellcheck disable=SC2154 # host/changes.sh sets reason, step, changed and STATE
REBOOT=/run/cdktf-mesos/reboot          # requests a reboot; the reboot removes it
KERNEL="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1"
LOG=/var/log/cloud-init-output.log
MAX_SKEW=5                              # seconds
PUBLISH_SECONDS=300                     # a new role's credentials may take a while
# shellcheck disable=SC2034
APT_SECONDS=300                         # apt's own timers may hold its locks at the first boot
command=${1:-} bad=no

# Of Docker and of cgroups. With version 1, command tasks outlive their agent, and tasks have statistics.
case $(os VERSION_ID) in
    12) VERSION=20.10 CGROUP=1 ;;
    *) VERSION=26.1 CGROUP=2 ;;
esac

known_system() {
    local found
    found="$(os ID) $(os VERSION_ID)"
    [ "$found" = "debian 12" ] || [ "$found" = "debian 13" ] || die "system: found $found, wanted debian 12 or debian 13"
}

engine_pin() {
    # Two records with an empty line between them. The script reaches the machine without its own empty lines.
    place /etc/apt/preferences.d/cdktf-mesos < <(
        printf 'Package: docker.io\nPin: version %s\nPin-Priority: %s\n\n' "$VERSION.*" 990 '*' -1
    )
}

own_packages() {
    local wanted=(chrony awscli)
    if [ "$ENGINE" = yes ]; then mapfile -t -O 2 wanted < <(engine_packages); fi
    packages "${wanted[@]}"
}

no_passwords() {
    place /etc/ssh/sshd_config.d/10-cdktf-mesos-keys.conf systemctl try-reload-or-restart ssh <<'END'
PasswordAuthentication no
END
}

# Adds the link-local time server of EC2 (Amazon EC2 User Guide, "Set the time reference").
clock() {
    place /etc/chrony/sources.d/cdktf-mesos.sources systemctl restart chrony <<'END'
server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4
END
}

kernel() {
    [ "$CGROUP" = 1 ] || return 0
    place /etc/default/grub.d/50-cdktf-mesos.cfg <<END
GRUB_CMDLINE_LINUX="\$GRUB_CMDLINE_LINUX $KERNEL"
END
    if grep -Fqs "$KERNEL" /boot/grub/grub.cfg; then return; fi
    change "write the kernel's arguments into grub.cfg" update-grub update-grub
}

# signatures <device>: prints what is on the device, a word for each: file system, partition table, RAID and so on.
signatures() {
    {
        blkid -p -s TYPE -s PTTYPE -o value "$1" || true    # 2: nothing found; 8: several, which wipefs lists
        wipefs --no-act --noheadings --output TYPE "$1"
    } | awk '{ print $1 }' | sort -u | paste -sd ' '
}

# is_empty <device>: whether its first and last MiB are zeros. blkid and wipefs find nothing on a device that they
# cannot read or whose contents they do not know. But a new EBS volume has only zeros, and a device in use has data
# there.
is_empty() {
    local last code=0
    last=$(($(blockdev --getsize64 "$1") - 1048576))
    { cmp -s -n 1048576 "$1" /dev/zero && cmp -s -n 1048576 -i "$last:0" "$1" /dev/zero; } || code=$?
    [ "$code" -lt 2 ] || die "$1: found a device that cannot be read, wanted an empty one or an ext4: see dmesg"
    return "$code"
}

format_if_empty() {
    local found remedy="nothing was written; attach another volume, or wipe this one if nobody needs it"
    found=$(signatures "$1")
    if [ "$found" = ext4 ]; then return; fi
    if [ -z "$found" ]; then is_empty "$1" || found="data of an unknown kind"; fi
    [ -z "$found" ] || die "$1: found $found, wanted an empty device or an ext4: $remedy"
    change "format $1" "not needed: it was empty" mkfs.ext4 -q -L cdktf-mesos "$1" < /dev/null
}

data_volume() {
    [ -n "$DATA_DEVICE" ] || return 0
    retry "$DEVICE_SECONDS" test -b "$DATA_DEVICE" ||
        die "$DATA_DEVICE: found nothing in $DEVICE_SECONDS s, wanted a device: is the volume attached?"
    local device mounted uuid
    device=$(readlink -f "$DATA_DEVICE")
    mounted=$(findmnt -n -o SOURCE --mountpoint "$DATA_DIR") || mounted=""
    if [ -z "$mounted" ]; then format_if_empty "$device"; fi
    [ "${mounted:-$device}" = "$device" ] || die "$DATA_DIR: found $mounted, wanted $device: unmount it"
    uuid=$(blkid -p -s UUID -o value "$device")
    # nofail: one can log in even without the volume. growfs: the next boot uses all of a volume that was enlarged.
    place /etc/fstab systemctl daemon-reload < <(
        awk -v dir="$DATA_DIR" '$2 != dir' /etc/fstab
        echo "UUID=$uuid $DATA_DIR ext4 defaults,nofail,x-systemd.growfs,x-systemd.device-timeout=${DEVICE_SECONDS}s 0 2"
    )
    [ -z "$mounted" ] || return 0
    change "mount $device on $DATA_DIR" "umount $DATA_DIR" mount -t ext4 "$device" "$DATA_DIR"
}

has_arguments() { [[ " $(< /proc/cmdline) " == *" $KERNEL "* ]]; }

# This is the last step, so that a machine whose preparation failed does not reboot and keeps cloud-init's result.
reboot_if_needed() {
    if [ "$CGROUP" = 2 ] || has_arguments; then return; fi
    mkdir -p "$(dirname "$REBOOT")"
    touch "$REBOOT"
    echo "$NAME: reboots for the kernel's arguments"
}

prepare() {
    local steps=(known_system apt_sources own_packages logins no_passwords clock)
    if [ "$ENGINE" = yes ]; then
        steps=(known_system apt_sources engine_pin engine_files own_packages engine_limits logins no_passwords docker_group)
        steps+=(clock kernel data_directory data_volume engine_runs reboot_if_needed)
    fi
    for step in "${steps[@]}"; do "$step"; done
    # shellcheck disable=SC2154
    [ "$changed" = yes ] || say "nothing to change"
}

put_key() {
    aws ssm put-parameter --region "$REGION" --name "$KEY_PARAMETER" --type String --overwrite --value "$1" \
        --cli-connect-timeout 10 --cli-read-timeout 20 > /dev/null
}

publish() {
    local key
    step="reading the host key"
    key=$(awk '{ print $1, $2 }' /etc/ssh/ssh_host_ed25519_key.pub)
    retry "$PUBLISH_SECONDS" put_key "$key" ||
        die "$KEY_PARAMETER: found it not writable for $PUBLISH_SECONDS s, wanted the host key in it: see $LOG"
    say "wrote $KEY_PARAMETER"
}

# Runs when prepare or publish ends. It keeps the reason of a failure for `check`.
finish() {
    local code=$?
    if [ "$code" = 0 ]; then rm -f "$STATE/$command.failed"; return; fi
    mkdir -p "$STATE"
    echo "${reason:-$NAME: $command: found an error at $step, wanted success: see $LOG}" | tee "$STATE/$command.failed" >&2
}

not_yet() { echo "$NAME: waits for $1"; exit 75; }
wrong() { echo "$NAME: $1: found $2, wanted $3: $4"; bad=yes; }

check_cloud_init() {
    local status failed
    status=$(cloud-init status 2> /dev/null | sed -n 's/^status: //p') || true      # exit code 1: error; from 23.4, 2: warnings
    for failed in "$STATE"/*.failed; do
        if [ -e "$failed" ]; then cat "$failed"; bad=yes; fi
    done
    case $status in
        done) ;;
        error | disabled | "")
            [ "$bad" = yes ] ||
                wrong cloud-init "${status:-no answer}" "done" "see cloud-init status --long, $LOG; repair it, reboot" ;;
        *) not_yet "cloud-init: $status" ;;
    esac
    if [ -e "$REBOOT" ]; then not_yet "its reboot"; fi
}

check_clock() {
    local skew=$(($(date +%s) - $1))
    [ "${skew#-}" -le "$MAX_SKEW" ] || wrong clock "$skew s from the caller's" "at most $MAX_SKEW s" \
        "see chronyc tracking here; or the caller's clock is wrong"
}

check_cgroup() {
    if [ "$CGROUP" = 2 ]; then
        [ -e /sys/fs/cgroup/cgroup.controllers ] || wrong cgroup "no /sys/fs/cgroup/cgroup.controllers" "version 2" \
            "remove systemd.unified_cgroup_hierarchy from the kernel arguments and reboot"
        return
    fi
    has_arguments || wrong "kernel arguments" "no $KERNEL in /proc/cmdline" "it" "run sudo $0 prepare && sudo reboot"
    [ -d /sys/fs/cgroup/memory ] || wrong cgroup "no /sys/fs/cgroup/memory" "version 1" "see the kernel arguments"
}

check_engine() {
    local version
    if version=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1); then
        [[ $version == "$VERSION".* ]] || wrong engine "$version" "$VERSION" "apt install docker.io=$VERSION*"
    elif ! id -nG | grep -qw docker; then
        wrong "user $(id -un)" "groups $(id -nG)" "docker among them" "run sudo usermod -aG docker $(id -un), then log in again"
    else
        wrong engine "${version##*$'\n'}" "an answer" "see systemctl status docker; journalctl -u docker"
    fi
}

check_data() {
    if [ -n "$DATA_DEVICE" ] && ! mountpoint -q "$DATA_DIR"; then
        wrong "$DATA_DIR" "no mount" "$DATA_DEVICE on it" "run sudo $0 prepare"
        return
    fi
    free=$(($(df --output=avail -B1M "$DATA_DIR" | tail -1) / 1024))
    [ "$free" -ge "$MIN_FREE_GIB" ] || wrong "$DATA_DIR" "$free GiB free" "$MIN_FREE_GIB" "make room, or a larger volume and a reboot"
}

check() {
    local free=""
    check_cloud_init
    check_clock "$1"
    if [ "$ENGINE" = yes ]; then
        check_cgroup
        check_engine
        check_data
    fi
    [ "$bad" = no ] || exit 1
    echo "$NAME: ready${free:+: Docker $VERSION, cgroup v$CGROUP, $free GiB free}"
}

exec 3>&1       # for the output of commands
case "$command $#" in
    "prepare 1" | "publish 1") trap finish EXIT; "$command" ;;
    "check 2") check "$2" ;;
    *) echo "usage: $0 prepare | publish | check <epoch seconds of the caller>" >&2; exit 64 ;;
esac
