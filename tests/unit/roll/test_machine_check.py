"""The machine check prints a line for each problem. The machine's own commands are stand-ins here."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import closing
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, MachineCheck, MesosAgentPool, MesosMasterSet, ZookeeperEnsemble, scripts
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.container.one_shot import SHOWN_SECONDS
from cdktf_mesos.roll import machine_check
from stacks import AgentsSettings, Static
from tests.unit.answers import answering
from tests.unit.conftest import Synth
from tests.unit.stacks.test_static import cluster, machines, small
from tests.unit.synthesised import containers, synthesised

FILES = machine_check.SCRIPTS
# A port on which nothing listens.
NOBODY = 1


class Machine:
    """A machine's root directory, and a stand-in for its docker command.

    Args:
        folder: the folder for both.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self.root = folder, folder / "host"
        for hierarchy in ("memory", "cpu"):
            (self.root / "sys/fs/cgroup" / hierarchy).mkdir(parents=True)
        self.mounts("22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw")
        self.ephemeral("32768\t60999")
        self.docker("20.10.24 1.41")
        self.program("chroot", "shift", 'exec "$@"')

    def docker(
        self,
        version: str,
        running: str = "false false",
        info: str = "/var/lib/docker []",
        members: str = "",
    ) -> None:
        answers = f"version) echo '{version}';; info) echo '{info}';; inspect) echo {running};; ps) echo '{members}';;"
        self.program("docker", f'case $1 in {answers} run) shift && exec docker-run "$@";; esac')

    def mounts(self, *lines: str) -> None:
        """Set the mount table of the machine."""
        self._write("proc/1/mountinfo", *lines)

    def ephemeral(self, ports: str, reserved: str = "") -> None:
        """Set the kernel's ports for outgoing connections, and those that are reserved."""
        self._write("proc/sys/net/ipv4/ip_local_port_range", ports)
        self._write("proc/sys/net/ipv4/ip_local_reserved_ports", reserved)

    def _write(self, path: str, *lines: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))

    def check(self, **environment: Any) -> tuple[int, list[str]]:
        """Run the machine check; return its exit code and the lines that it prints."""
        variables = {
            "NAME": "a1",
            "ADDRESS": "127.0.0.1",
            "DATA_DIR": "/var/lib/cdktf-mesos/prod",
            "MIN_FREE_MIB": "1",
            "PORTS": f"{NOBODY}:prod-agent-1",
            "PEERS": "",
            "MAX_SKEW": "5",
            "RUN_SECONDS": "20",
            "FILES": "",
            "AGENT": "yes",
            "TASK_PORTS": "31000-31999",
            "DOCKER_COMMANDS": "",
            "NEEDS_CGROUP": "",
            "OVERRIDE": "false",
            "PATH": f"{self._folder}:{os.environ['PATH']}",
            **environment,
        }
        words = [word.replace("/host", str(self.root)) for word in scripts.words("check", *FILES)]
        done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout.splitlines()

    def program(self, name: str, *lines: str) -> None:
        """A stand-in for a program of the image."""
        path = self._folder / name
        path.write_text("\n".join(["#!/bin/bash", *lines, ""]))
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_problems_passes_and_prints_nothing(machine: Machine) -> None:
    assert machine.check() == (0, [])


def test_an_engine_that_cannot_run_docker_tasks_is_refused(machine: Machine) -> None:
    machine.docker("Cannot connect to the Docker daemon")
    code, lines = machine.check()
    assert code == 1
    found = "found Cannot connect to the Docker daemon, wanted an engine that"
    assert lines[0].startswith(f"a1 (127.0.0.1): engine: {found}")


def test_without_tasks_any_engine_and_cgroup_version_will_do(machine: Machine) -> None:
    machine.docker("29.0.0 1.52")
    (machine.root / "sys/fs/cgroup/cpu").rmdir()
    assert machine.check(AGENT="no") == (0, [])


ROOT = "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw"


@pytest.mark.parametrize(
    ("mounts", "found"),
    [
        ([ROOT.replace(" shared:1", "")], "/"),
        ([ROOT.replace(" shared:1", " master:1")], "/"),
        ([ROOT, "30 22 8:2 / /var/lib rw - ext4 /dev/sdb rw"], "/var/lib"),
        ([ROOT, "30 22 8:2 / /var/lib rw shared:2 - ext4 /dev/sdb rw"], None),
        ([ROOT, "30 22 8:2 / /var/lib/cdktf rw - ext4 /dev/sdb rw"], None),
        ([ROOT.replace(" shared:1", ""), "30 22 8:2 / /var rw,relatime shared:3 master:1 - ext4 /dev/sdb rw"], None),
        ([ROOT, "30 22 8:2 / /var rw shared:3 - ext4 /dev/sdb rw", "31 30 8:3 / /var rw - ext4 /dev/sdc rw"], "/var"),
    ],
)
def test_a_data_directory_on_a_private_mount_is_refused_on_machines_that_run_tasks(
    machine: Machine, mounts: list[str], found: str | None
) -> None:
    machine.mounts(*mounts)
    code, lines = machine.check()
    assert (code, len(lines)) == ((0, 0) if found is None else (1, 1))
    if found:
        assert lines[0] == (
            f"a1 (127.0.0.1): /var/lib/cdktf-mesos/prod: found a private mount, {found}, wanted a shared one, for "
            f"persistent volumes of tasks: mount --make-shared {found}, at every boot (systemd makes all mounts shared)"
        )
    assert machine.check(AGENT="no") == (0, [])


@pytest.mark.parametrize(
    ("ports", "kernel", "reserved", "reserve"),
    [
        ("31000-31999 32000-32767", "32768\t60999", "", None),
        ("31000-31999 32000-32999", "32768\t60999", "", "32768-32999"),
        ("31000-31999", "1024\t65535", "", "31000-31999"),
        ("31000-31999", "1024\t65535", "30000-31999", None),
        ("31000-31999", "1024\t65535", "8080,31000-31499,31500-32999", None),
        ("31000-31999", "1024\t65535", "8080,31000-31500", "8080,31000-31500,31000-31999"),
        ("31000-31999", "1024\t31500", "31000", "31000,31000-31500"),
    ],
)
def test_ports_for_tasks_that_the_kernel_uses_for_connections_are_refused(
    machine: Machine, ports: str, kernel: str, reserved: str, reserve: str | None
) -> None:
    machine.ephemeral(kernel, reserved)
    code, lines = machine.check(TASK_PORTS=ports)
    assert code == (1 if reserve else 0)
    if reserve:
        (line,) = lines
        found = f"the kernel's range {kernel.replace(chr(9), '-')} for outgoing connections"
        sysctl = f"sysctl -w net.ipv4.ip_local_reserved_ports={reserve}, and the same in /etc/sysctl.d"
        assert line.endswith(f": found {found}, wanted ports that only tasks use: {sysctl}")
        assert line.startswith(f"a1 (127.0.0.1): ports {ports.split()[-1]}")
    else:
        assert lines == []


def test_a_full_disk_is_refused(machine: Machine) -> None:
    code, (line,) = machine.check(MIN_FREE_MIB="999999999")
    assert code == 1
    assert line.startswith("a1 (127.0.0.1): /var/lib/cdktf-mesos/prod: found ")
    assert line.endswith(" MiB free, wanted 999999999: make room, or a larger disk")


def test_the_disk_is_that_of_the_target_of_a_link(machine: Machine) -> None:
    link, target = machine.root / "var/lib/cdktf-mesos", machine.root / "mnt/data"
    link.parent.mkdir(parents=True)
    link.symlink_to("/mnt/data")
    target.mkdir(parents=True)
    machine.program("readlink", '[ "$*" != "-m /var/lib/cdktf-mesos/prod" ] || echo /mnt/data/prod')
    machine.program("df", 'echo "/dev/sdb 9 9 7 50% $2"')
    _, lines = machine.check(MIN_FREE_MIB="8")
    assert lines == [
        "a1 (127.0.0.1): /var/lib/cdktf-mesos/prod: found 7 MiB free, wanted 8: make room, or a larger disk"
    ]


@pytest.mark.parametrize(
    ("info", "small", "refused"),
    [
        ("/var/lib/docker [[Backing Filesystem extfs]]", "docker", ["/var/lib/docker"]),
        ("/big/docker []", "docker", ["/big/docker"]),
        ("Cannot connect to the Docker daemon", "docker", ["/var/lib/docker"]),
        ("/var/lib/docker [[driver-type io.containerd.snapshotter.v1]]", "containerd", ["/var/lib/containerd"]),
        ("/var/lib/docker []", "containerd", []),
        # If all is on one disk, one line says so.
        ("/var/lib/docker []", "", ["/var/lib/cdktf-mesos/prod"]),
    ],
)
def test_the_disk_of_the_images_must_have_free_space_too(
    machine: Machine, info: str, small: str, refused: list[str]
) -> None:
    for directory in ("var/lib/docker", "var/lib/containerd", "big/docker"):
        (machine.root / directory).mkdir(parents=True)
    machine.docker("20.10.24 1.41", info=info)
    machine.program("df", f'case $2 in *{small}) echo "/dev/b 9 9 7 50% /b";; *) echo "/dev/a 9 9 99 50% /a";; esac')
    _, lines = machine.check(MIN_FREE_MIB="8")
    assert [line.split(": ")[1] for line in lines] == refused


@pytest.mark.parametrize(("address", "refused"), [("127.0.0.1", False), ("127.9.9.9", False), ("203.0.113.7", True)])
def test_an_address_that_no_interface_has_is_refused(machine: Machine, address: str, refused: bool) -> None:
    code, lines = machine.check(ADDRESS=address)
    assert (code, len(lines)) == ((1, 1) if refused else (0, 0))
    for line in lines:
        assert line.startswith("a1 (203.0.113.7): address: found ")
        assert ", wanted 203.0.113.7 on an interface of this machine: use the address of an interface" in line


def test_an_engine_that_only_terraform_reaches_passes_on_machines_without_tasks(machine: Machine) -> None:
    machine.docker("Cannot connect to the Docker daemon at unix:///var/run/docker.sock")
    with answering("") as port:
        code, (line,) = machine.check(AGENT="no", PORTS=f"{port}:prod-master")
    assert code == 0
    assert line.endswith("no docker command on the machine reaches its engine: ports are not checked")


def test_on_machines_with_tasks_the_docker_command_of_the_image_may_reach_the_engine(machine: Machine) -> None:
    own = f'[ "$1 $2" = "-H unix://{machine.root}/run/docker.sock" ] || exit 1'
    machine.program("docker", own, "case $3 in version) echo 20.10.24 1.41;; inspect) echo true false;; esac")
    (machine.root / "run").mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as engine, answering("") as port:
        assert machine.check()[0] == 1
        engine.bind(str(machine.root / "run/docker.sock"))
        # The port is the member's own.
        assert machine.check(PORTS=f"{port}:prod-agent-1") == (0, [])


def test_a_file_must_have_its_digest(machine: Machine, tmp_path: Path) -> None:
    command = tmp_path / "docker-17.05"
    command.write_text("a docker command")
    digest = sha256(command.read_bytes()).hexdigest()
    assert machine.check(FILES=f"{command}={digest}") == (0, [])
    command.write_text("another")
    code, (line,) = machine.check(FILES=f"{command}={digest}")
    assert code == 1
    found = f"found {sha256(b'another').hexdigest()}  {command}, wanted sha256 {digest}: put the file with this"
    assert line.startswith(f"a1 (127.0.0.1): {command}: {found}")
    command.unlink()
    code, (line,) = machine.check(FILES=f"{command}={digest}")
    assert code == 1
    assert "No such file or directory" in line


def test_the_docker_command_of_agents_is_checked_only_on_their_machines() -> None:
    agents = AgentsSettings(docker_cli="/opt/docker/docker", docker_cli_sha256="0" * 64)
    documents = synthesised(small(agents=agents)).documents
    on_agents, control = (containers(documents[f"prod-{wave}-machine"]) for wave in ("2-agent-a1", "1-control-c1"))
    assert f"FILES=/opt/docker/docker={'0' * 64}" in on_agents["prod-preflight-machine-agent"]["env"]
    assert "FILES=" in control["prod-preflight-machine-zookeeper"]["env"]


@pytest.mark.parametrize(("path", "digest"), [("/opt/docker", "0" * 63), ("/a b", "0" * 64)])
def test_a_malformed_path_or_digest_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, path: str, digest: str
) -> None:
    with pytest.raises(ValueError, match="stack/check: files"):
        MachineCheck(stack, "check", host=host, roles=[zookeeper], name="check", files={path: digest})


def test_a_port_must_be_free_or_used_by_the_member_itself(machine: Machine) -> None:
    with answering("") as port:
        ports = f"{port}:prod-agent-1"
        assert machine.check(PORTS=ports) == (
            1,
            [f"a1 (127.0.0.1): port {port}: found a process that listens, wanted it free, for "
             "prod-agent-1: find it with ss -ltnp, and end it"],
        )  # fmt: skip
        machine.docker("20.10.24 1.41", running="true true")
        assert machine.check(PORTS=ports)[0] == 1
        machine.docker("20.10.24 1.41", running="true false")
        assert machine.check(PORTS=ports) == (0, [])


def test_members_of_a_cluster_that_was_renamed_are_named(machine: Machine) -> None:
    machine.docker("20.10.24 1.41", members="prod-agent-1\nold-agent-1\nold-marathon")
    with answering("") as port:
        code, (line,) = machine.check(PORTS=f"{port}:prod-agent-1 {NOBODY}:prod-marathon")
    assert code == 1
    assert line.endswith(
        "and end it. The program does not name these members: old-agent-1 old-marathon. "
        "If the cluster was renamed, put the name back: with another one it has no data"
    )


@pytest.mark.parametrize(
    ("address", "family", "refused"),
    [
        ("127.0.0.1", socket.AF_INET, True),
        ("0.0.0.0", socket.AF_INET, True),
        ("::", socket.AF_INET6, True),
        # As systemd-resolved, which is not in the way of a name server at the machine's own address.
        ("127.0.0.53", socket.AF_INET, False),
    ],
)
def test_a_udp_port_must_be_free_too(machine: Machine, address: str, family: int, refused: bool) -> None:
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as taken:
        taken.bind((address, 0))
        port = taken.getsockname()[1]
        found = machine.check(PORTS=f"{port}:prod-dns {port}/udp:prod-dns")
    line = (
        f"a1 (127.0.0.1): port {port}/udp: found a process that listens, wanted it free, for prod-dns: "
        "find it with ss -lunp, and end it"
    )
    assert found == ((1, [line]) if refused else (0, []))


@pytest.mark.parametrize(
    ("servers", "refused"),
    [
        ('["10.20.30.11"]', True),
        ('[\n  "10.20.0.2",\n  "10.20.30.12"\n]', True),
        ('["10.20.30.1"]', False),
        (None, False),
    ],
)
def test_an_engine_must_not_have_name_servers_of_the_cluster(
    machine: Machine, servers: str | None, refused: bool
) -> None:
    config = machine.root / "etc/docker/daemon.json"
    config.parent.mkdir(parents=True)
    if servers:
        config.write_text(f'{{"log-driver": "local", "dns" : {servers}, "dns-opts": ["ndots:1"]}}')
    code, lines = machine.check(AGENT="no", NAME_SERVERS="10.20.30.11 10.20.30.12")
    assert (code, len(lines)) == ((1, 1) if refused else (0, 0))
    if refused:
        assert "daemon.json: found 10.20.30.1" in lines[0]
        assert "wanted other name servers: the cluster's containers would need this one" in lines[0]


@pytest.mark.parametrize(("seconds", "refused"), [(0, False), (60, True), (-60, True)])
def test_clocks_that_differ_are_refused(machine: Machine, seconds: int, refused: bool) -> None:
    date = formatdate(time.time() + seconds, usegmt=True)
    with answering(f"HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n") as port:
        code, lines = machine.check(PEERS=f"127.0.0.1:{port} 127.0.0.1:{NOBODY}")
    assert (code, len(lines)) == (1, 1) if refused else (0, 0)
    assert not lines or "s to 127.0.0.1, wanted 5 s at most" in lines[0]


def test_the_time_of_an_answer_is_no_difference_between_clocks(machine: Machine) -> None:
    machine.program("timeout", '/usr/bin/timeout "$@"; code=$?', '[ "$1" != 3 ] || sleep 3', "exit $code")
    with answering(f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\n\r\n") as port:
        assert machine.check(PEERS=f"127.0.0.1:{port}", MAX_SKEW="1") == (0, [])


@pytest.mark.parametrize(
    "address", ["1.1.1.1;touch {}", "$(touch {})", "127.0.0.1\n$(touch {})", "a[$(touch {})].0.0.1"]
)
@pytest.mark.parametrize("argument", ["ADDRESS", "PEERS"])
def test_a_malformed_address_is_not_run_as_a_command(
    machine: Machine, tmp_path: Path, argument: str, address: str
) -> None:
    given = address.format(tmp_path / "canary") + (":5050" if argument == "PEERS" else "")
    code, lines = machine.check(**{argument: given}, OVERRIDE="true")
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("a1: address: found ")
    assert not (tmp_path / "canary").exists()


OLD_TIMEOUT = ('[ "$1" = -t ] || { echo "timeout: invalid number" >&2; exit 1; }', 'shift; exec /usr/bin/timeout "$@"')


def test_the_timeout_of_an_old_busybox_works(machine: Machine) -> None:
    machine.program("timeout", *OLD_TIMEOUT)
    assert machine.check() == (0, [])
    date = formatdate(time.time() + 60, usegmt=True)
    with answering(f"HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n") as port:
        code, lines = machine.check(PEERS=f"127.0.0.1:{port}", PORTS=f"{port}:prod-agent-1")
    assert (code, [line.split()[2] for line in lines]) == (1, ["port", "clock:"])


def test_without_a_timeout_nothing_passes(machine: Machine) -> None:
    machine.program("timeout", "exit 1")
    code, lines = machine.check()
    assert code == 1
    assert lines[0].startswith("a1 (127.0.0.1): the image: found no timeout command, wanted one")


def test_without_a_date_that_reads_http_dates_clocks_are_not_compared(machine: Machine) -> None:
    machine.program("date", '[ "$1" != -d ] || { echo "date: invalid date" >&2; exit 1; }', 'exec /bin/date "$@"')
    date = formatdate(time.time() + 60, usegmt=True)
    with answering(f"HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n") as port:
        assert machine.check(PEERS=f"127.0.0.1:{port}") == (0, [])


def test_a_peer_that_never_answers_does_not_block_the_check(machine: Machine) -> None:
    with answering(None) as port:
        began = time.monotonic()
        assert machine.check(PEERS=f"127.0.0.1:{port}") == (0, [])
        assert time.monotonic() - began < 15


def test_all_problems_are_printed_and_an_override_lets_them_pass(machine: Machine) -> None:
    machine.docker("29.0.0 1.52")
    machine.program("docker-run", "exit 1")
    commands = "agents mesosphere/mesos-slave:1.11.0 /var/run/docker.sock -"
    code, lines = machine.check(MIN_FREE_MIB="999999999", OVERRIDE="true", DOCKER_COMMANDS=commands)
    assert (code, len(lines)) == (0, 2)


def test_each_machine_is_checked_for_its_own_members() -> None:
    settings = small(machines=machines("a", 21, 2), min_free_mib=100)
    documents = synthesised(settings).documents
    agent = containers(documents["prod-2-agent-a1-machine"])["prod-preflight-machine-agent"]
    environment = dict(each.split("=", 1) for each in agent["env"])
    assert environment["PORTS"] == "5051:prod-agent-1"
    assert environment["PEERS"] == "10.0.0.22:5051"
    assert (environment["AGENT"], environment["MIN_FREE_MIB"]) == ("yes", "100")
    assert environment["TASK_PORTS"] == "31000-31999"
    control = containers(documents["prod-1-control-c1-machine"])["prod-preflight-machine-zookeeper"]
    ports = "2181:prod-zookeeper 2888:prod-zookeeper 3888:prod-zookeeper 5050:prod-master 8080:prod-marathon"
    assert f"PORTS={ports} 15101:prod-marathon" in control["env"]
    assert "AGENT=no" in control["env"]
    assert (control["user"], control["security_opts"]) == ("0:0", ["label=disable"])
    assert control["volumes"] == [{"host_path": "/", "container_path": "/host", "read_only": True}]


def test_clocks_are_compared_with_those_of_the_same_batch_too() -> None:
    documents = synthesised(small(machines=machines("a", 21, 2), agent_batch=2)).documents
    (check, *_) = (
        container
        for document in documents.values()
        for name, container in containers(document).items()
        if name == "prod-preflight-machine-agent"
    )
    assert "PEERS=10.0.0.22:5051" in check["env"]


def test_no_two_stacks_make_a_container_of_the_same_name_on_a_machine() -> None:
    documents = synthesised(cluster()).documents
    for machine in ("c1", "c2", "c3"):
        names = [
            name for stack, document in documents.items() if f"-{machine}-" in stack for name in containers(document)
        ]
        assert len(names) == len(set(names)) > 0


def test_bad_input_is_refused(stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble) -> None:
    with pytest.raises(ValueError, match="stack/check: min_free_mib is invalid: -1. Use a whole number of MiB"):
        MachineCheck(stack, "check", host=host, roles=[zookeeper], name="check", min_free_mib=-1)
    with pytest.raises(ValueError, match="stack/check-2: patience_seconds is invalid: 0. Use a whole number"):
        MachineCheck(stack, "check-2", host=host, roles=[zookeeper], name="check-2", patience_seconds=0)
    with pytest.raises(ValueError, match="Static: min_free_mib is invalid: -1. Use"):
        Static(control_plane=machines("c", 11, 1), min_free_mib=-1)


@pytest.mark.parametrize(("wait", "expected"), [(15, (60, 20)), (600, (600, 200))])
def test_a_long_wait_of_preflights_is_one_of_the_machine_check_as_well(wait: int, expected: tuple[int, int]) -> None:
    documents = synthesised(small(preflight_seconds=wait)).documents
    check = containers(documents["prod-2-agent-a1-machine"])["prod-preflight-machine-agent"]
    variables = dict(each.split("=", 1) for each in check["env"])
    assert (check["wait_timeout"] - SHOWN_SECONDS, int(variables["RUN_SECONDS"])) == expected


def test_an_agent_without_ports_in_its_resources_offers_the_default_ports(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    pool = MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    MachineCheck(stack, "check", host=host, roles=[pool], name="check")
    assert "TASK_PORTS=31000-32000" in synth()["containers"]["check"]["env"]


def test_agents_on_one_machine_may_use_several_docker_commands(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    def pool(number: int, docker_cli: str | None, digest: str | None) -> MesosAgentPool:
        return MesosAgentPool(
            stack,
            f"pool-{number}",
            hosts=[host],
            masters=masters,
            image="mesosphere/mesos-slave:1.11.0",
            port=5050 + number,
            shares_engine=True,
            resources={"cpus": 1, "mem": 64, "disk": 64, "ports": f"[{number}1000-{number}1999]"},
            docker_cli=docker_cli,
            docker_cli_sha256=digest,
        )

    pools = [pool(1, "/opt/old", "0" * 64), pool(2, "/opt/new", None), pool(3, None, None)]
    MachineCheck(stack, "check", host=host, roles=pools, name="check")
    (commands,) = [each for each in synth()["containers"]["check"]["env"] if each.startswith("DOCKER_COMMANDS=")]
    lines = [line.split() for line in commands.removeprefix("DOCKER_COMMANDS=").splitlines()]
    assert [(user, path) for user, _, _, path in lines] == [
        ("agents", "/opt/old"),
        ("executors", "-"),
        ("agents", "/opt/new"),
        ("agents", "-"),
    ]
    # The check waits for the pulls.
    assert all(image.startswith("${docker_image.") and image.endswith(".name}") for _, image, _, _ in lines)
    pools = [pool(4, "/opt/new", "0" * 64), pool(5, "/opt/new", "1" * 64)]
    message = f"stack/two: files.'/opt/new'. is invalid: '{'1' * 64}'. Use one digest .* also has {'0' * 64}"
    with pytest.raises(ValueError, match=message):
        MachineCheck(stack, "two", host=host, roles=pools, name="two")


HELD = f"{'a' * 32} held by eve@there since 2026-01-01T10:00:00Z: maintain a1"


def test_a_machine_that_somebody_else_has_locked_is_refused(machine: Machine) -> None:
    machine.program("docker", f'case $1 in version) echo "20.10.24 1.41";; ps) echo "{HELD}";; esac')
    code, lines = machine.check(AGENT="no")
    assert (code, len(lines)) == (1, 1)
    assert "lock: found it held by eve@there since 2026-01-01T10:00:00Z: maintain a1, wanted no lock of" in lines[0]
    assert machine.check(AGENT="no", LOCK="a" * 32) == (0, [])


def test_an_engine_that_cannot_list_its_containers_is_not_locked(machine: Machine) -> None:
    machine.program("docker", 'case $1 in version) echo "20.10.24 1.41";; ps) echo "unknown flag";; esac')
    assert machine.check(AGENT="no") == (0, [])


def test_the_id_of_a_deploys_own_lock_comes_from_a_variable_and_runs_no_check_again() -> None:
    documents = synthesised(small()).documents
    document = documents["prod-1-control-c1-machine"]
    assert document["variable"]["held_lock"]["default"] == ""
    check = containers(document)["prod-preflight-machine-zookeeper"]
    assert "LOCK=${var.held_lock}" in check["env"]
    assert "env" in check["lifecycle"]["ignore_changes"]
