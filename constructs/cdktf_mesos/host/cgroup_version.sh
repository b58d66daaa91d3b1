#!/bin/bash
# Which version of cgroups a host has.

# cgroup_version <directory with the cgroups>: prints 2 if the host has only version 2 there, otherwise 1: version 1, also
# if it has version 2 as well. Old versions of stat know the number of the file system of version 2, but not its name
# (Linux, include/uapi/linux/magic.h: CGROUP2_SUPER_MAGIC).
cgroup_version() {
    if [ "$(stat -f -c %t "$1" 2> /dev/null)" = 63677270 ]; then echo 2; else echo 1; fi
}
