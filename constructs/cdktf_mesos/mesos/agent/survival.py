"""What lets tasks outlive their agent's container, all in one place.

An agent that starts finds its executors again by what the one before it had written down (Mesos docs, "Agent
Recovery"), if

* the framework has its tasks checkpointed,
* process ids are those of the host (`PID_MODE`),
* its directories are the same ones, at the same path as on the host, from where the engine mounts tasks' sandboxes,
* executors of Docker tasks run in containers of their own (`docker_mesos_image`), without systemd's slices (`FLAGS`),
* executors of other tasks are in a devices cgroup of their own (`isolation`), as the engine ends what is in that of the
  agent's container,
* of each executor the ids of both its processes were written: the engine's when the executor's container runs, after
  the image was pulled, and libprocess's, or that it speaks HTTP, when it has registered.

The last is a matter of time. So nothing touches an agent before that (`check`), and one that is told to stop waits for
it (`ENTRYPOINT`), as tasks come meanwhile. And its successor is healthy only if it has kept what was there (`gated`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from shlex import quote

from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.container.options import Mount
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.probe import LIMIT

# What an agent needs beyond Docker's default, instead of `privileged`: a write to devices.deny takes it (Linux kernel
# docs, cgroup-v1, device whitelist controller). Without it no command task starts (tests/e2e/test_task_survival.py).
CAPABILITIES = ("CAP_SYS_ADMIN",)

# The engine itself adds the last to a container with the host's process ids; unsaid, every plan would replace it.
SECURITY_OPTIONS = ("apparmor=unconfined", "seccomp=unconfined", "label=disable")

PID_MODE = "host"

# There is no systemd in the container to ask for slices (Mesos docs, agent flags).
FLAGS = {"systemd_enable_support": "false"}

# How long an agent that is told to stop waits for executors that begin, in seconds: they take less than one, but for
# the pull of an image, which may take minutes; a task that has not begun to run is begun elsewhere.
STOP_SECONDS = 15

# How long an agent may take to stop, in seconds; the rest is for a slow disk.
GRACE_SECONDS = STOP_SECONDS + 10

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1, "mins": 60, "hrs": 3600, "days": 86400, "weeks": 604800}

# Where an agent's container has what was there when it started; gone with the container.
_BEFORE = "/tmp/cdktf-mesos-before"

# In a trap, a bare `return` gives the status of what the trap interrupted (bash(1)).
# An agent ends what did not register in time, so an older run that has no process was none (Mesos docs, agent flags:
# executor_registration_timeout). Links, `latest`, are not runs.
_RUNS = """\
runs() { for r in "$W"/meta/slaves/latest/frameworks/*/executors/*/runs/*; do
    [ ! -d "$r" ] || [ -L "$r" ] || [ -e "$r/executor.sentinel" ] || echo "$r"
done; }
begins() { while read -r r; do
    [ -s "$r/pids/forked.pid" ] && { [ -s "$r/pids/libprocess.pid" ] || [ -e "$r/pids/http.marker" ]; } && continue
    [ -z "$(find "$r" -maxdepth 0 -mmin "-$M")" ] || { echo "$r"; return 0; }
done < <(runs); return 1; }"""

# A process is another one when it began at another time: the 22nd field of its stat, whose 2nd may have anything in it
# (proc(5)).
_BEGAN = """began() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 20; }
agent() { l=$(readlink "$W/meta/slaves/latest") && basename "$l"; }"""

_START = """\
stop() { n=0; while r=$(begins) && [ $((n++)) -lt $S ]; do echo "waits for $r" >&2; sleep 1; done
    kill -TERM $child || exit 143; }
trap stop TERM INT
trap 'kill -USR1 $child' USR1
{ agent || echo; while read -r r; do
    p=$(cat "$r/pids/forked.pid" 2> /dev/null) && t=$(began "$p") && [ -n "$t" ] && echo "$p $t $r"
done < <(runs); } > $B.new; rm -f $B.kept; mv $B.new $B
"$0" "$@" &
child=$!
while true; do wait $child; code=$?; kill -0 $child 2> /dev/null || exit $code; done"""

# What an agent says of a task, and not its executor, has the source SOURCE_AGENT and then a reason (mesos.proto,
# TaskStatus: fields 9 and 10): of a task that was there before and is not now, that it was lost.
_KEPT = """\
kept() { [ ! -e $B.kept ] || return 0; {
    read -r before
    [ -z "$before" ] || [ "$before" = "$(agent)" ] || { echo "is agent $(agent), and was $before"; return 1; }
    while read -r p t r; do
        [ "$(began "$p")" != "$t" ] && grep -aqF $'H\\001P' "$r"/tasks/*/task.updates || continue
        echo "has lost $r"; return 1
    done; } < $B; known "$(agent)" && touch $B.kept
}"""


def isolation(release: Release) -> str:
    """The isolators of an agent that is not told others; there is none for devices before 1.0 (Mesos CHANGELOG)."""
    return ",".join(["cgroups/cpu", "cgroups/mem", *(["cgroups/devices"] if release.major >= 1 else [])])


def entrypoint(work_dir: str, registration_timeout: str) -> list[str]:
    """The words before the agent's program and its arguments.

    Args:
        work_dir: of the agent.
        registration_timeout: of executors, in Mesos's spelling.
    """
    return ["bash", "-c", "\n".join([_variables(work_dir, registration_timeout), _RUNS, _BEGAN, _START])]


def gated(health_test: Sequence[str], settled: str, known: str, work_dir: str) -> list[str]:
    """The health check that holds only once the agent is known to have kept what was there.

    Args:
        health_test: `["CMD", "bash", "-c", script]`.
        settled: bash that is true when the agent ends no executor at the moment.
        known: the bash function `known`, true when the masters have the agent of the id `$1`.
        work_dir: of the agent.
    """
    *words, script = health_test
    return [
        *words,
        "\n".join([f"W={work_dir} B={_BEFORE}", LIMIT, known, _BEGAN, _KEPT, f"{script} && {settled} && kept"]),
    ]


def work_dir(data_dir: str, name: str, incarnation: int) -> str:
    """The work directory of an incarnation of an agent, on its host.

    Args:
        data_dir: of the host.
        name: of the agent's container.
        incarnation: 1 or more.
    """
    return f"{data_dir}/{name}/work" + (f"-{incarnation}" if incarnation > 1 else "")


def check(work_dir: str, registration_timeout: str) -> HostCheck:
    """What must be true on an agent's host before its container is replaced.

    Nobody looks after the tasks of another incarnation, whichever it was, so they must have gone. The agent's whole
    directory is looked at, as only the host knows which incarnations there were; the engine makes it where it is not.

    Args:
        work_dir: of the agent, as `work_dir` has it.
        registration_timeout: of executors, in Mesos's spelling.
    """
    directory = work_dir.rpartition("/")[0]
    # What somebody has moved aside has another name.
    settled = f"""settled() {{ for d in {directory}/work*; do
    [[ $d != "{work_dir}" && $d =~ /work(-[0-9]+)?$ ]] || continue
    n=$(W=$d && runs | wc -l)
    [ "$n" = 0 ] || {{ echo "$d: $n executors: drain the agent first; if they are gone, move it aside"; return 1; }}
done; ! r=$(begins) || {{ echo "$r begins, and could not be found again"; return 1; }}; }}"""
    script = "\n".join([_variables(work_dir, registration_timeout), _RUNS, settled])
    return HostCheck(script, [Mount(directory, read_only=True)])


def has_none(work_dir: str, address: str, port: int) -> HostCheck:
    """What must be true on an agent's host before the agent leaves for good: that it has no tasks any more.

    Executors whose framework checkpoints are told by what the agent wrote down, also while it is away; others by its
    metrics, where these want no password (Mesos docs, monitoring). One that listens must answer.

    Args:
        work_dir: of the agent.
        address: of the agent.
        port: of the agent.
    """
    ask = "exec 3<> /dev/tcp/$0/$1 || exit 0; printf 'GET /metrics/snapshot HTTP/1.0\\r\\n\\r\\n' >&3; exec cat <&3"
    count = "grep -Eo 'slave.{1,2}executors_running\":[0-9]+' <<< \"$s\" | grep -o '[0-9]*$'"
    settled = f"""settled() {{ s=$($limit 3 bash -c {quote(ask)} {address} {port} 2> /dev/null) ||
{{ echo "the agent {address} listens and does not answer: mend or end it first"; return 1; }}
n=$(runs | wc -l); m=$({count}); [ "$n" -ge "0$m" ] || n=$m
[ "$n" = 0 ] || {{ echo "the agent {address} has $n executors with tasks: drain it first"; return 1; }}; }}"""
    return HostCheck(f"W={work_dir}\n{LIMIT}\n{_RUNS}\n{settled}", [Mount(work_dir, read_only=True)])


def _variables(work_dir: str, registration_timeout: str) -> str:
    number, unit = re.fullmatch("([0-9.]+)([a-z]+)", registration_timeout).groups()  # type: ignore[union-attr]
    minutes = math.ceil(float(number) * _UNITS[unit] / 60) + 1
    return f"W={work_dir} B={_BEFORE} S={STOP_SECONDS} M={minutes}"
