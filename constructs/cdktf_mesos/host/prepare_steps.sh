#!/bin/bash
# The steps that make a machine a host. Each looks first, and changes only what is missing. Comes after host/changes.sh
# and before host/prepare.sh or aws/host.sh, which say what is done.
# In the environment: LOGIN_USER, who uses the engine; DATA_DIR; MIRROR, of Debian's archive, may be empty; LOG, the file
# that has the output of commands; APT_SECONDS, how long apt's own timers may hold its locks; ENGINE_METRICS, the address
# and port of the engine's metrics, may be empty.

has() { command -v "$1" > /dev/null; }
# os <name>: prints a value of /etc/os-release.
# shellcheck source=/dev/null
os() { (source /etc/os-release && echo "${!1-}"); }

apt_sources() {
    [ -n "$MIRROR" ] || return 0
    local suite key=/usr/share/keyrings/debian-archive-keyring.gpg
    suite=$(os VERSION_CODENAME)
    place /etc/apt/cdktf-mesos.list <<END
deb [signed-by=$key] $MIRROR $suite main
deb [signed-by=$key] $MIRROR $suite-updates main
deb [signed-by=$key] $MIRROR-security $suite-security main
END
    # The machine's own sources stay, but apt no longer reads them.
    place /etc/apt/apt.conf.d/90cdktf-mesos-sources <<'END'
Dir::Etc::SourceList "/etc/apt/cdktf-mesos.list";
Dir::Etc::SourceParts "-";
END
}

# The files are written before the package is installed, so that the engine starts with them. The engine is excluded
# from unattended upgrades, because an upgrade stops all containers.
engine_files() {
    place /etc/apt/apt.conf.d/90cdktf-mesos-engine <<'END'
Unattended-Upgrade::Package-Blacklist { "^docker"; "^containerd"; "^runc$"; };
END
    # The engine starts only with the data volume. Otherwise members would start with an empty directory on the root
    # disk, and a ZooKeeper server without its data no longer has the writes that it has acknowledged.
    place /etc/systemd/system/docker.service.d/cdktf-mesos.conf systemctl daemon-reload <<END
[Unit]
RequiresMountsFor=$DATA_DIR
END
    if has dockerd || [ -e /etc/docker/daemon.json ]; then daemon_lacks; else
        # Tasks have no log options of their own. Members need up to 25 s to stop, and the engine waits only 15 s by
        # default (Docker docs, dockerd, shutdown-timeout).
        place /etc/docker/daemon.json < <(daemon_settings)
    fi
}

daemon_settings() {
    echo '{'
    if [ -n "$ENGINE_METRICS" ]; then echo "  \"metrics-addr\": \"$ENGINE_METRICS\","; fi
    cat <<'END'
  "log-driver": "json-file",
  "log-opts": {"max-file": "4", "max-size": "50m"},
  "shutdown-timeout": 60
}
END
}

# The settings of an engine that is there already are its administrator's: a flag of its unit that is also in the file
# would keep it from starting, and only a restart would apply them.
daemon_lacks() {
    local file=/etc/docker/daemon.json why="and restart the engine when you can, so that"
    grep -Eqs '"log-(opts|driver)"' $file ||
        left $file "add \"log-opts\": {\"max-file\": \"4\", \"max-size\": \"50m\"}, $why logs of tasks have a limit"
    grep -qs '"shutdown-timeout"' $file || left $file "add \"shutdown-timeout\": 60, $why members have time to stop"
    [ -z "$ENGINE_METRICS" ] || grep -Fqs "\"$ENGINE_METRICS\"" $file ||
        left $file "add \"metrics-addr\": \"$ENGINE_METRICS\", $why Prometheus gets its metrics"
}

# engine_packages: prints the packages that the engine needs, without the engine if there is one.
engine_packages() {
    # Recommended packages are not installed: docker.io recommends needrestart, which would restart it. But it needs
    # apparmor, because AppArmor is on in the kernels of Debian and Ubuntu.
    printf '%s\n' apparmor ca-certificates
    if ! has dockerd; then echo docker.io; fi
    # The docker command has a package of its own in Debian from 13 on, and may have one in Ubuntu.
    if has docker || [ "$(os ID)$(os VERSION_ID)" = debian12 ]; then return; fi
    if [ "$(os ID)" = debian ] || apt-cache show docker-cli > /dev/null 2>&1; then echo docker-cli; fi
}

# packages <package> ...: installs those that are missing.
packages() {
    local package missing=()
    for package; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) == *" ok installed" ]] || missing+=("$package")
    done
    [ "${#missing[@]}" = 0 ] ||
        change "install ${missing[*]}" "apt-get purge --auto-remove ${missing[*]}" install_packages "${missing[@]}"
}

# apt-get does not wait for the lock of the package lists, hence the retries.
install_packages() {
    local apt=(apt-get -q -y -o "DPkg::Lock::Timeout=$APT_SECONDS" -o Acquire::Retries=5 --no-install-recommends)
    retry "$APT_SECONDS" "${apt[@]}" -o APT::Update::Error-Mode=any update ||
        die "apt-get update: found it failing for $APT_SECONDS s, wanted the lists: see $LOG; is the archive reachable?"
    # Services that use an older library are listed, not restarted (needrestart's README).
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l "${apt[@]}" install "$@"
}

# Containers have the limits of containerd, whose newer units leave out the number of open files.
engine_limits() {
    local found
    found=$(systemctl show --property=LoadState,LimitNOFILE,TasksMax containerd.service)
    if [[ $found != *LoadState=loaded* ]] || ! grep -Eq '^(LimitNOFILE|TasksMax)=[0-9]{1,6}$' <<< "$found"; then return; fi
    place /etc/systemd/system/containerd.service.d/cdktf-mesos.conf systemctl daemon-reload <<'END'
[Service]
LimitNOFILE=1048576
TasksMax=infinity
END
    # shellcheck disable=SC2154 # host/changes.sh sets it
    if [ "$mode" = apply ] && [ -z "$(docker ps -q)" ]; then systemctl restart containerd >&3 2>&3; else
        left containerd.service "restart it when you can, so that new containers may open 1048576 files"
    fi
}

engine_runs() {
    if ! has dockerd || { systemctl -q is-enabled docker && systemctl -q is-active docker; }; then return; fi
    change "start the engine, now and at each boot" "systemctl disable --now docker.service docker.socket" \
        systemctl enable --now docker
}

# With sshd's defaults (10 each), some of Terraform's parallel logins fail. sshd uses the first value of an option, so
# the file's name begins with 10.
logins() {
    local found
    found=$(sshd -T 2> /dev/null) || found=""
    if grep -Eq '^maxstartups [0-9]{3,}:' <<< "$found" && grep -Eq '^maxsessions [0-9]{3,}$' <<< "$found"; then return; fi
    place /etc/ssh/sshd_config.d/10-cdktf-mesos.conf systemctl try-reload-or-restart ssh <<'END'
MaxStartups 100
MaxSessions 100
END
    grep -Eqsi '^ *Include +"?/etc/ssh/sshd_config.d/' /etc/ssh/sshd_config ||
        left /etc/ssh/sshd_config "add Include /etc/ssh/sshd_config.d/*.conf as its first line, so that sshd reads them"
}

docker_group() {
    if [ "$LOGIN_USER" = root ] || [[ " $(id -nG "$LOGIN_USER") " == *" docker "* ]]; then return; fi
    change "put $LOGIN_USER into the group docker" "gpasswd -d $LOGIN_USER docker" usermod -aG docker "$LOGIN_USER"
}

data_directory() {
    [ -d "$DATA_DIR" ] || change "make $DATA_DIR" "rmdir $DATA_DIR" mkdir -p "$DATA_DIR"
}
