#!/bin/bash
# Turns a Debian 12 machine on EC2 into a host of a cluster. Its settings are in host.env.
#   prepare        run by root at the first boot: installs packages, sets the kernel's arguments, mounts the data
# volume.
#                  It can be run again and then does only what is missing.
#   publish        run by root: writes the public host key to SSM, where Terraform reads it
#   check <epoch>  run by the login user: exits with 0 if the machine is ready, 75 if it is not ready yet, and 1 if
#                  something is wrong, with a line for each problem. <epoch> is the caller's time.
set -euo pipefail

DEVICE_SECONDS=300                      # how long the data volume may take to appear at any boot
MIN_FREE_GIB=1                          # free space that DATA_DIR must have; host.env may change both

# shellcheck source=/dev/null
source /etc/cdktf-mesos/host.env

STATE=/var/lib/cdktf-mesos-host         # what failed, and why; it survives a reboot, unlike cloud-init's result
REBOOT=/run/cdktf-mesos/reboot          # requests a reboot; the reboot removes it
VERSION=20.10                           # of Docker: Mesos <= 1.11 reads ContainerConfig, which API 1.45 no longer has
KERNEL="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1"   # Mesos <= 1.11 needs cgroup v1
LOG=/var/log/cloud-init-output.log
MAX_SKEW=5                              # seconds
PUBLISH_SECONDS=300                     # a new role's credentials may take a while
APT_SECONDS=300                         # apt's own timers may hold its locks at the first boot
command=${1:-} changed=no bad=no step="" reason=""

die() { reason="$NAME: $1"; exit 1; }
did() { changed=yes; echo "$NAME: $1"; }

# place <file> [<command> ...]: writes standard input to the file. If that changes the file, the command runs.
place() {
    local file=$1 text; shift
    text=$(cat)
    if [ -e "$file" ] && [ "$(< "$file")" = "$text" ]; then return; fi
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$text" > "$file.new"
    mv "$file.new" "$file"
    did "wrote $file"
    "$@"
}

# retry <seconds> <command> ...: repeats the command until it succeeds.
retry() {
    local deadline=$((SECONDS + $1)); shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 2
    done
}

apt_sources() {
    [ -n "$MIRROR" ] || return 0
    local key=/usr/share/keyrings/debian-archive-keyring.gpg
    place /etc/apt/cdktf-mesos.list <<EOF
deb [signed-by=$key] $MIRROR bookworm main
deb [signed-by=$key] $MIRROR bookworm-updates main
deb [signed-by=$key] $MIRROR-security bookworm-security main
EOF
    # The image's own sources stay, but apt no longer reads them.
    place /etc/apt/apt.conf.d/90cdktf-mesos-sources <<'EOF'
Dir::Etc::SourceList "/etc/apt/cdktf-mesos.list";
Dir::Etc::SourceParts "-";
EOF
}

# The files are written before the package is installed, so that the engine starts with them. The engine is excluded
# from unattended upgrades, because an upgrade stops all containers.
engine_files() {
    place /etc/apt/preferences.d/cdktf-mesos <<EOF
Package: docker.io
Pin: version $VERSION.*
Pin-Priority: 990

Package: docker.io
Pin: version *
Pin-Priority: -1
EOF
    place /etc/apt/apt.conf.d/90cdktf-mesos-engine <<'EOF'
Unattended-Upgrade::Package-Blacklist { "^docker\.io$"; "^containerd$"; "^runc$"; };
EOF
    place /etc/docker/daemon.json <<'EOF'
{
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "live-restore": false,
  "log-driver": "json-file",
  "log-opts": {"max-file": "4", "max-size": "50m"},
  "shutdown-timeout": 60
}
EOF
    # The engine starts only with the data volume. Otherwise members would start with an empty directory on the root
    # disk, and a ZooKeeper server without its data no longer has the writes that it has acknowledged.
    place /etc/systemd/system/docker.service.d/cdktf-mesos.conf systemctl daemon-reload <<EOF
[Unit]
RequiresMountsFor=$DATA_DIR
EOF
}

packages() {
    local package wanted=(chrony awscli) missing=()
    # Recommended packages are not installed: docker.io recommends needrestart, which would restart it. But it needs
    # apparmor, because AppArmor is on in Debian's kernel.
    if [ "$ENGINE" = yes ]; then wanted+=(docker.io apparmor ca-certificates); fi
    for package in "${wanted[@]}"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) == *" ok installed" ]] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    # At a first boot, apt's own timers may hold its locks. apt-get does not wait for the lock of the package lists,
    # hence the retries.
    local apt=(apt-get -q -y -o "DPkg::Lock::Timeout=$APT_SECONDS" -o Acquire::Retries=5 --no-install-recommends)
    retry "$APT_SECONDS" "${apt[@]}" -o APT::Update::Error-Mode=any update ||
        die "apt-get update: found it failing for $APT_SECONDS s, wanted the lists: see $LOG; is the mirror reachable?"
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install "${missing[@]}"
    did "installed ${missing[*]}"
}

# With sshd's defaults (10 each), some of Terraform's parallel logins fail. sshd uses the first value of an option, so
# the file's name begins with 10.
logins() {
    place /etc/ssh/sshd_config.d/10-cdktf-mesos.conf systemctl try-reload-or-restart ssh <<'EOF'
MaxStartups 100
MaxSessions 100
PasswordAuthentication no
EOF
    [ "$ENGINE" = yes ] || return 0
    if id -nG "$LOGIN_USER" | grep -qw docker; then return; fi
    usermod -aG docker "$LOGIN_USER"
    did "$LOGIN_USER is in the group docker"
}

# Adds the link-local time server of EC2 (Amazon EC2 User Guide, "Set the time reference").
clock() {
    place /etc/chrony/sources.d/cdktf-mesos.sources systemctl restart chrony <<'EOF'
server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4
EOF
}

kernel() {
    place /etc/default/grub.d/50-cdktf-mesos.cfg <<EOF
GRUB_CMDLINE_LINUX="\$GRUB_CMDLINE_LINUX $KERNEL"
EOF
    if grep -Fqs "$KERNEL" /boot/grub/grub.cfg; then return; fi
    update-grub
    did "the kernel's arguments are in grub.cfg"
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
    mkfs.ext4 -q -L cdktf-mesos "$1" < /dev/null
    did "formatted $1"
}

data_volume() {
    mkdir -p "$DATA_DIR"
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
    mount -t ext4 "$device" "$DATA_DIR"
    did "mounted $device on $DATA_DIR"
}

has_arguments() { [[ " $(< /proc/cmdline) " == *" $KERNEL "* ]]; }

# This is the last step, so that a machine whose preparation failed does not reboot and keeps cloud-init's result.
reboot_if_needed() {
    if has_arguments; then return; fi
    mkdir -p "$(dirname "$REBOOT")"
    touch "$REBOOT"
    echo "$NAME: reboots for the kernel's arguments"
}

prepare() {
    local steps=(apt_sources packages logins clock)
    if [ "$ENGINE" = yes ]; then
        steps=(apt_sources engine_files packages logins clock kernel data_volume reboot_if_needed)
    fi
    for step in "${steps[@]}"; do "$step"; done
    [ "$changed" = yes ] || echo "$NAME: nothing to change"
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
    did "wrote $KEY_PARAMETER"
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

check_kernel() {
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
        check_kernel
        check_engine
        check_data
    fi
    [ "$bad" = no ] || exit 1
    echo "$NAME: ready${free:+: Docker $VERSION, cgroup v1, $free GiB free}"
}

case "$command $#" in
    "prepare 1" | "publish 1") trap finish EXIT; "$command" ;;
    "check 2") check "$2" ;;
    *) echo "usage: $0 prepare | publish | check <epoch seconds of the caller>" >&2; exit 64 ;;
esac
