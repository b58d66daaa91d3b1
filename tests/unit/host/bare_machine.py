"""A machine for the script that makes it a host: files below a folder, and stand-ins for its commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from cdktf_mesos.host import prepare

# Programs of this machine that the script may use as they are.
_TOOLS = ("bash", "cat", "cp", "date", "dirname", "grep", "ls", "mkdir", "mv", "rm", "sed", "tail", "touch", "tr")

# What the stand-ins do; they keep what they know in the folder `known`.
_PROGRAMS = {
    "apt-cache": "[ -e $known/listed/$2 ]",
    "apt-get": """
        [ "${*: -1}" != update ] || exit "$(cat $known/update 2> /dev/null || echo 0)"
        until [ "$1" = install ]; do shift; done
        for package in "${@:2}"; do
            touch $known/packages/$package
            if [ $package = docker.io ]; then
                touch $known/active/docker
                cp $programs/true $programs/dockerd
                [ ! -e $known/debian12 ] || cp $programs/true $programs/docker
                [ -e $known/unit ] ||
                    printf '%s\\n' LoadState=loaded LimitNOFILE=infinity TasksMax=infinity > $known/unit
            fi
            [ $package != docker-cli ] || cp $programs/true $programs/docker
        done""",
    "dpkg-query": '[ -e $known/packages/$4 ] && echo "install ok installed"',
    "findmnt": "cat $known/mount",
    "id": """
        case $1 in
            -u) cat $known/uid ;;
            -un) echo ops ;;
            -nG) cat $known/users/${2:-ops} ;;
            *) [ -e $known/users/$1 ] ;;
        esac""",
    "resolvectl": "cat $known/resolved/$1",
    "sshd": """
        if [ -e $root/etc/ssh/sshd_config.d/10-cdktf-mesos.conf ]; then
            printf '%s\\n' 'maxstartups 100:30:100' 'maxsessions 100'
        else
            cat $known/sshd
        fi""",
    "sudo": 'shift && exec "$@"',
    "sysctl": "sed -n 's/.* = //p' $3 > $root/proc/sys/net/ipv4/ip_local_reserved_ports",
    "systemctl": """
        case $1 in
            -q) [ -e $known/active/$3 ] ;;
            enable) touch $known/active/$3 ;;
            show) cat $known/unit 2> /dev/null || printf '%s\\n' LoadState=not-found LimitNOFILE=524288 TasksMax=4915 ;;
        esac""",
    "true": "",
    "usermod": 'echo "$(cat $known/users/$3) docker" > $known/users/$3',
}


def moved(text: str, root: Path) -> str:
    """A script, with the paths of a machine below `root` instead of those below /."""
    text = re.sub(r"(?<![\w.}*-])/(?=(boot|etc|proc|run|snap|sys|var)/)", f"{root}/", text)
    return text.replace("PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin", "")


class BareMachine:
    """A machine without an engine, as the installer leaves it.

    Args:
        folder: for its files and its programs.
        system: ID and VERSION_ID of its /etc/os-release.
    """

    def __init__(self, folder: Path, system: str = "debian 13") -> None:
        self.root, self.known, self._programs = folder / "root", folder / "known", folder / "programs"
        for each in (self.known / "packages", self.known / "active", self.known / "users", self._programs):
            each.mkdir(parents=True)
        self.tools(*_TOOLS)
        for name, lines in _PROGRAMS.items():
            self.program(name, lines)
        kind, _, version = system.partition(" ")
        codename = {"12": "bookworm", "13": "trixie"}.get(version, "")
        self.write("etc/os-release", f'NAME=x\nID={kind}\nVERSION_ID="{version}"\nVERSION_CODENAME={codename}\n')
        self.write("etc/ssh/sshd_config", moved("Include /etc/ssh/sshd_config.d/*.conf\n", self.root))
        self.write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
        self.write("proc/sys/net/ipv4/ip_local_reserved_ports", "\n")
        (self.root / "run/systemd/system").mkdir(parents=True)
        (self.root / "var/log").mkdir(parents=True)
        for path, text in {
            "uid": "0\n",
            "users/ops": "ops sudo\n",
            "mount": "/ shared\n",
            "sshd": "maxstartups 10:30:100\nmaxsessions 10\n",
            "active/systemd-timesyncd": "",
            **({"debian12": ""} if system == "debian 12" else {}),
        }.items():
            (self.known / path).write_text(text)

    def program(self, name: str, lines: str) -> None:
        """Have a program; what it is called with is logged."""
        path = self._programs / name
        path.write_text(
            f"#!{shutil.which('bash')}\nroot={self.root} known={self.known} programs={self._programs}\n"
            f'echo "{name} $*" >> $known/calls\n{lines}\n'
        )
        path.chmod(0o755)

    def tools(self, *names: str) -> None:
        """Have programs of this machine as they are."""
        for name in names:
            (self._programs / name).symlink_to(str(shutil.which(name)))

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, path: str) -> str:
        """The text of a file of the machine."""
        return (self.root / path).read_text()

    def calls(self, name: str = "") -> list[str]:
        """The calls of a program, or of all, since the machine was made."""
        log = self.known / "calls"
        return [line for line in log.read_text().splitlines() if line.startswith(name)] if log.exists() else []

    def files(self) -> dict[str, str]:
        """The texts of all files of the machine."""
        return {str(each.relative_to(self.root)): each.read_text() for each in self.root.rglob("*") if each.is_file()}

    def run(self, *words: str, script: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script over standard input, as ssh does."""
        done = subprocess.run(
            ["bash", "-s", "--", *words],
            input=moved(script or prepare.script(), self.root),
            env={"PATH": str(self._programs)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        done.stdout, done.stderr = (each.replace(str(self.root), "") for each in (done.stdout, done.stderr))
        return done
