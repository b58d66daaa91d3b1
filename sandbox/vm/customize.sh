#!/bin/bash
# Changes a new root file system into that of a virtual machine of the sandbox.
#   customize.sh <root> <folder with the folders of files to add> <user>
set -eu
root=$1 files=$2 user=$3

add() { cp -R --no-preserve=ownership "$files/$1/." "$root/"; }

add common
: > "$root/etc/machine-id"                          # each machine gives itself one
rm -f "$root"/etc/ssh/ssh_host_*                    # they come with the identity
chroot "$root" useradd --uid 2000 --create-home --shell /bin/bash --password '*' "$user"
chroot "$root" systemctl --quiet enable sandbox-identity.service systemd-networkd.service

if grep -q '^docker:' "$root/etc/group"; then
    chroot "$root" usermod --append --groups docker "$user"
    chroot "$root" systemctl --quiet enable sandbox-engine.socket
    mkdir "$root/var/lib/cdktf-mesos"
    echo '/dev/vdc /var/lib/cdktf-mesos ext4 defaults 0 2' >> "$root/etc/fstab"
    # To compile the profiles of a hundred programs, which it does not have, would take half of the first boot.
    find "$root/etc/apparmor.d" -maxdepth 1 -type f -delete
else
    add bare
    # GRUB's installer wants a disk, and this will be a file.
    cp -R "$root/usr/lib/grub/i386-pc" "$root/boot/grub/"
    chroot "$root" grub-mkimage --format=i386-pc --prefix='(hd0,msdos1)/boot/grub' --output=/boot/grub/core.img \
        biosdisk part_msdos ext2
fi

# The first boot need not renew what was just made: systemd-update-done.service(8).
touch "$root/etc/.updated" "$root/var/.updated"
