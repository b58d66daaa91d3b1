"""Members that are cut off: the packet filters, and the record of them on the engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cdktf_mesos.operations.engine import engine as connected
from cdktf_mesos.throwaway import leftovers, members, partition, store
from tests.unit.throwaway.conftest import DockerEngine, NewCluster

COMMENT = "-m comment --comment cdktf-mesos-partition-one-agent-1"
SENT = "-m owner --gid-owner 20006 --suppl-groups"
RULES = [
    f"OUTPUT {COMMENT} {SENT} -j CONNMARK --set-mark 20006",
    f"OUTPUT {COMMENT} {SENT} -j DROP",
    f"OUTPUT {COMMENT} -m connmark --mark 20006 -j DROP",
    f"OUTPUT {COMMENT} -p tcp -m multiport --sports 20006 -j DROP",
    f"INPUT {COMMENT} -m connmark --mark 20006 -j DROP",
    f"INPUT {COMMENT} -p tcp -m multiport --dports 20006 -j DROP",
]

# Keeps the rules in the file $RULES. It does not know the word that $UNKNOWN names.
IPTABLES = """#!/bin/bash
shift 2
action=$1 && shift
if [ -n "$UNKNOWN" ] && [[ $* == *"$UNKNOWN"* ]] && [ "$action" = -I ]; then
    echo "unknown option $UNKNOWN" >&2
    exit 2
fi
case $action in
    -I) chain=$1 && shift 2 && { echo "$chain $*"; cat "$RULES"; } > "$RULES.new" && mv "$RULES.new" "$RULES" ;;
    -C) grep -qxF -- "$*" "$RULES" ;;
    -D) grep -vxF -- "$*" "$RULES" > "$RULES.new"; mv "$RULES.new" "$RULES" ;;
esac
"""

# Tries a new connection to each port, and says whether it was accepted.
CONNECT = """
import socket, sys
for port in sys.argv[1:]:
    try:
        socket.create_connection(("127.0.0.1", int(port)), 0.3).close()
        print("open", end=" ")
    except TimeoutError:
        print("cut", end=" ")
"""

# A member on 20006 with its group, and a peer on 20003, each in a process of its own. Prints what is open before the
# member is cut off, then, and when it is let back: from outside, and from the member.
SITE = """
ip link set lo up
listen='import socket, sys, time; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); time.sleep(60)'
"$PYTHON" -c "$listen" 20003 & peer=$!
setpriv --groups 20006 "$PYTHON" -c "$listen" 20006 & member=$!
trap 'kill "$peer" "$member"' EXIT
until [ "$(ss -Htln | wc -l)" -eq 2 ]; do sleep 0.05; done
ask() { "$PYTHON" -c "$CONNECT" 20006 20003; setpriv --groups 20006 "$PYTHON" -c "$CONNECT" 20003; echo; }
ask
bash "$SCRIPT" cut one-agent-1 20006 20006 iptables && ask
bash "$SCRIPT" heal one-agent-1 20006 20006 iptables && ask
"""


class Filters:
    """What iptables has, as the script has changed it."""

    def __init__(self, directory: Path) -> None:
        self.program, self.file = directory / "iptables", directory / "rules"
        self.program.write_text(IPTABLES)
        self.file.write_text("INPUT -j ACCEPT\n")

    def run(self, action: str, unknown: str = "") -> subprocess.CompletedProcess[str]:
        words = ["bash", str(partition._SCRIPT), action, "one-agent-1", "20006", "20006", "bash", str(self.program)]
        environment = {**os.environ, "RULES": str(self.file), "UNKNOWN": unknown}
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def rules(self) -> list[str]:
        return self.file.read_text().splitlines()


@pytest.fixture
def filters(tmp_path: Path) -> Filters:
    return Filters(tmp_path)


def test_filters_come_before_all_others_and_only_once(filters: Filters) -> None:
    for _ in range(2):
        assert filters.run("cut").returncode == 0
        assert filters.rules() == [*RULES, "INPUT -j ACCEPT"]
    assert filters.run("heal").returncode == 0
    assert filters.rules() == ["INPUT -j ACCEPT"]


def test_a_filter_that_iptables_does_not_know_leaves_none_of_the_others(filters: Filters) -> None:
    done = filters.run("cut", unknown="--suppl-groups")
    assert (done.returncode, done.stderr) == (1, "unknown option --suppl-groups\n")
    assert filters.rules() == ["INPUT -j ACCEPT"]


def test_a_kernel_that_ignores_groups_is_refused(filters: Filters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASH_FUNC_uname%%", "() { echo 4.18.0-553.el8; }")
    done = filters.run("cut")
    assert (done.returncode, done.stderr) == (1, "it needs Linux 5.3 or later, and this is 4.18.0-553.el8\n")
    assert filters.rules() == ["INPUT -j ACCEPT"]


def test_without_iptables_there_is_nothing_to_heal_and_no_way_to_cut(filters: Filters) -> None:
    filters.program.unlink()
    assert filters.run("heal").returncode == 0
    assert filters.run("cut").returncode == 1


@pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ("iptables", "ip", "ss", "setpriv"))),
    reason="needs root and iptables",
)
def test_packets_reach_no_member_that_is_cut_off_and_come_from_none() -> None:
    variables = {"PYTHON": sys.executable, "CONNECT": CONNECT, "SCRIPT": str(partition._SCRIPT)}
    done = subprocess.run(
        ["unshare", "--net", "bash", "-c", SITE],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split("\n")[:3] == ["open open open ", "cut open cut ", "open open open "], done.stderr


def test_a_member_is_cut_off_by_the_iptables_of_its_machine(new: NewCluster, engine: DockerEngine) -> None:
    cluster = new(marathon="v1.11.24")
    engine.have("one", *cluster.members)
    members.cut_off(cluster, "marathon")
    (created,) = engine.created
    assert created["Entrypoint"][3:] == [
        *("partition", "cut", "one-marathon", "20004", "20004,20005", "chroot", "/proc/1/root", "iptables")
    ]
    assert created["HostConfig"]["NetworkMode"] == created["HostConfig"]["PidMode"] == "host"
    assert not created["HostConfig"].get("Privileged")
    assert "one-marathon-partition" in engine.containers
    members.resume(cluster, "marathon")
    assert engine.created[-1]["Entrypoint"][4:6] == ["heal", "one-marathon"]
    assert "one-marathon-partition" not in engine.containers


def test_a_machine_that_cannot_do_it_is_an_error_and_leaves_no_record(new: NewCluster, engine: DockerEngine) -> None:
    engine.have("one", *new().members)
    engine.check = (1, "chroot: failed to run command 'iptables': No such file or directory\n")
    with pytest.raises(RuntimeError, match="agent-1 is not cut off: chroot: failed to run command 'iptables'"):
        members.cut_off(new(), "agent-1")
    assert "one-agent-1-partition" not in engine.containers


def test_filters_of_a_cluster_that_is_removed_go_with_it(new: NewCluster, engine: DockerEngine) -> None:
    cluster = new()
    engine.have("one", *cluster.members)
    members.cut_off(cluster, "agent-1")
    with connected(cluster.connection, 30) as client:
        removed = leftovers.remove(client, "one", store.home_label(), [], [])
    assert removed[0] == "packet filters of one-agent-1"
    assert engine.created[1]["Entrypoint"][4:8] == ["heal", "one-agent-1", "20006", "20006"]
    assert not engine.containers
