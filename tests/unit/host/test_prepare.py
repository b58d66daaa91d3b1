"""The script that makes a machine a host. The machine's own commands are stand-ins here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cdktf_mesos.host.host import DATA_DIR
from cdktf_mesos.host.prepare import CHANGES, FORMS, script
from tests.unit.host.bare_machine import BareMachine

USER = ("--user", "ops")
PLAN = [
    "write /etc/apt/apt.conf.d/90cdktf-mesos-engine",
    "write /etc/systemd/system/docker.service.d/cdktf-mesos.conf",
    "write /etc/docker/daemon.json",
    "install apparmor ca-certificates docker.io docker-cli",
    "write /etc/ssh/sshd_config.d/10-cdktf-mesos.conf",
    "put ops into the group docker",
    f"make {DATA_DIR}",
]
SYSTEMS = ("debian 12", "debian 13", "ubuntu 22.04", "ubuntu 24.04")


@pytest.fixture
def machine(tmp_path: Path) -> BareMachine:
    return BareMachine(tmp_path)


def said(text: str, kind: str) -> list[str]:
    return [line.partition(": ")[2] for line in text.splitlines() if line.startswith(f"{kind}: ")]


def with_engine(machine: BareMachine, daemon: str | None = None) -> BareMachine:
    """A machine whose administrator has installed an engine."""
    machine.program("dockerd", "")
    machine.program("docker", "")
    (machine.known / "active/docker").touch()
    if daemon is not None:
        machine.write("etc/docker/daemon.json", daemon)
    return machine


def test_a_plan_says_what_is_missing_and_changes_nothing(machine: BareMachine) -> None:
    before = machine.files()
    done = machine.run("plan", *USER)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"would: {each}" for each in PLAN]
    assert machine.files() == before
    assert not [call for call in machine.calls() if re.match("apt-get|usermod|sysctl|systemctl (?!-q|show)", call)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_makes_the_changes_of_the_plan_and_a_second_run_finds_nothing(tmp_path: Path, system: str) -> None:
    machine = BareMachine(tmp_path, system)
    planned = said(machine.run("plan", *USER).stdout, "would")
    done = machine.run("apply", *USER)
    assert (done.returncode, done.stderr) == (0, "")
    assert said(done.stdout, "did") == planned
    assert len(said(done.stdout, "undo")) == len(planned)
    before, calls = machine.files(), machine.calls()
    for mode in ("plan", "apply"):
        again = machine.run(mode, *USER)
        assert (again.returncode, again.stdout, again.stderr) == (0, "nothing to change\n", "")
    assert machine.files() == before
    assert not [call for call in machine.calls()[len(calls) :] if re.search("^apt-get|restart|reload|enable ", call)]


@pytest.mark.parametrize(
    ("system", "listed", "wanted"),
    [
        ("debian 12", "", "docker.io"),
        ("debian 12", "docker-cli", "docker.io"),
        ("debian 13", "", "docker.io docker-cli"),
        ("ubuntu 24.04", "", "docker.io"),
        ("ubuntu 24.04", "docker-cli", "docker.io docker-cli"),
    ],
)
def test_the_docker_command_is_installed_where_it_is_a_package(
    tmp_path: Path, system: str, listed: str, wanted: str
) -> None:
    machine = BareMachine(tmp_path, system)
    (machine.known / "listed").mkdir()
    if listed:
        (machine.known / "listed" / listed).touch()
    assert f"would: install apparmor ca-certificates {wanted}" in machine.run("plan", *USER).stdout.splitlines()


def test_the_files_are_right(machine: BareMachine) -> None:
    machine.run("apply", *USER, "--data-dir", "/srv/mesos-data")
    assert json.loads(machine.read("etc/docker/daemon.json")) == {
        "log-driver": "json-file",
        "log-opts": {"max-file": "4", "max-size": "50m"},
        "shutdown-timeout": 60,
    }
    unit = machine.read("etc/systemd/system/docker.service.d/cdktf-mesos.conf")
    assert unit == "[Unit]\nRequiresMountsFor=/srv/mesos-data\n"
    assert machine.read("etc/ssh/sshd_config.d/10-cdktf-mesos.conf") == "MaxStartups 100\nMaxSessions 100\n"
    (listed,) = re.findall("{(.*)}", machine.read("etc/apt/apt.conf.d/90cdktf-mesos-engine"))
    kept = [each.strip().strip('"') for each in listed.split(";") if each.strip()]
    assert all(
        any(re.match(each, name) for each in kept)
        for name in ("docker.io", "docker-ce", "containerd", "containerd.io", "runc")
    )
    assert (machine.known / "users/ops").read_text() == "ops sudo docker\n"
    assert "systemctl try-reload-or-restart ssh" in machine.calls()
    install = machine.calls("apt-get")[-1].split()
    assert {"--no-install-recommends", "DPkg::Lock::Timeout=120"} <= set(install)


def test_the_machine_keeps_what_was_changed_and_how_to_undo_it(machine: BareMachine) -> None:
    machine.write("etc/apt/apt.conf.d/90cdktf-mesos-engine", "theirs\n")
    done = machine.run("apply", *USER)
    undo = dict(zip(said(done.stdout, "did"), said(done.stdout, "undo"), strict=True))
    before = "/var/lib/cdktf-mesos-host/before/etc/apt/apt.conf.d/90cdktf-mesos-engine"
    assert undo[PLAN[0]] == f"cp -p {before} /etc/apt/apt.conf.d/90cdktf-mesos-engine"
    (kept,) = (path for path, text in machine.files().items() if text == "theirs\n")
    assert kept.startswith(before.partition("/etc/")[0].lstrip("/"))
    assert undo[PLAN[1]] == f"rm {PLAN[1].removeprefix('write ')} && systemctl daemon-reload"
    assert undo[PLAN[3]] == "apt-get purge --auto-remove apparmor ca-certificates docker.io docker-cli"
    assert undo[PLAN[5]] == "gpasswd -d ops docker"
    assert undo[PLAN[6]] == f"rmdir {DATA_DIR}"
    lines = machine.read(CHANGES.lstrip("/")).replace(str(machine.root), "").splitlines()
    assert [line.partition(" did: ")[2] for line in lines[::2]] == list(undo)
    assert [line.partition("undo: ")[2] for line in lines[1::2]] == list(undo.values())


def test_an_engine_that_is_there_keeps_its_settings(machine: BareMachine) -> None:
    with_engine(machine, '{"log-driver": "journald", "data-root": "/srv/docker"}\n')
    done = machine.run("apply", *USER)
    assert done.returncode == 0
    assert machine.read("etc/docker/daemon.json") == '{"log-driver": "journald", "data-root": "/srv/docker"}\n'
    (left,) = said(done.stdout, "left")
    assert left.startswith('/etc/docker/daemon.json: add "shutdown-timeout": 60, and restart the engine when you can')
    assert "install apparmor ca-certificates" in said(done.stdout, "did")
    assert not [call for call in machine.calls("systemctl") if re.search("restart docker|enable ", call)]


def test_an_engine_without_a_file_of_settings_gets_none(machine: BareMachine) -> None:
    done = with_engine(machine).run("apply", *USER)
    assert not (machine.root / "etc/docker/daemon.json").exists()
    assert [re.findall('add "([a-z-]+)"', each) for each in said(done.stdout, "left")] == [
        ["log-opts"],
        ["shutdown-timeout"],
    ]


def test_the_engine_gives_its_metrics_where_prometheus_scrapes_them(machine: BareMachine) -> None:
    machine.run("apply", *USER, "--engine-metrics", "10.20.30.11:9323")
    assert json.loads(machine.read("etc/docker/daemon.json"))["metrics-addr"] == "10.20.30.11:9323"
    # The next run finds them.
    done = with_engine(machine).run("plan", *USER, "--engine-metrics", "10.20.30.11:9323")
    assert done.stdout == "nothing to change\n"


def test_an_engine_that_is_there_is_not_restarted_for_its_metrics(machine: BareMachine) -> None:
    with_engine(machine, '{"log-opts": {}, "shutdown-timeout": 60}')
    done = machine.run("apply", *USER, "--engine-metrics", "10.20.30.11:9323")
    (left,) = said(done.stdout, "left")
    assert left.startswith('/etc/docker/daemon.json: add "metrics-addr": "10.20.30.11:9323", and restart the engine')
    assert not [call for call in machine.calls("systemctl") if "restart docker" in call]


def test_an_engine_that_does_not_run_is_started(machine: BareMachine) -> None:
    with_engine(machine, '{"log-opts": {}, "shutdown-timeout": 60}')
    (machine.known / "active/docker").unlink()
    done = machine.run("apply", *USER)
    assert "start the engine, now and at each boot" in said(done.stdout, "did")
    assert "systemctl enable --now docker" in machine.calls()


@pytest.mark.parametrize(("containers", "restarts"), [("", True), ("abc", False)])
def test_containers_get_more_files_where_the_unit_leaves_the_limit_out(
    machine: BareMachine, containers: str, restarts: bool
) -> None:
    with_engine(machine, '{"log-opts": {}, "shutdown-timeout": 60}')
    machine.program("docker", f"echo {containers}" if containers else "")
    (machine.known / "unit").write_text("LoadState=loaded\nLimitNOFILE=524288\nTasksMax=infinity\n")
    done = machine.run("apply", *USER)
    unit = "/etc/systemd/system/containerd.service.d/cdktf-mesos.conf"
    assert f"write {unit}" in said(done.stdout, "did")
    assert machine.read(unit.lstrip("/")) == "[Service]\nLimitNOFILE=1048576\nTasksMax=infinity\n"
    assert ("systemctl restart containerd" in machine.calls()) is restarts
    assert bool(said(done.stdout, "left")) is not restarts


def test_chrony_is_installed_where_no_time_service_runs(machine: BareMachine) -> None:
    (machine.known / "active/systemd-timesyncd").unlink()
    assert f"would: {PLAN[3]} chrony" in machine.run("plan", *USER).stdout
    (machine.known / "active/ntpsec").touch()
    assert "chrony" not in machine.run("plan", *USER).stdout


def test_sshd_with_enough_logins_stays_and_one_that_does_not_read_the_folder_is_named(machine: BareMachine) -> None:
    machine.write("etc/ssh/sshd_config", "Port 22\n")
    (left,) = said(machine.run("plan", *USER).stdout, "left")
    assert left.startswith("/etc/ssh/sshd_config: add Include /etc/ssh/sshd_config.d/*.conf as its first line")
    (machine.known / "sshd").write_text("maxstartups 200:30:400\nmaxsessions 500\n")
    assert "sshd" not in machine.run("plan", *USER).stdout


@pytest.mark.parametrize(
    ("kernel", "reserved", "ports", "wanted"),
    [
        ("32768\t60999", "", "31000-32000", None),
        ("1024\t60999", "", "31000-32000", "31000-32000"),
        ("1024\t60999", "8080,30000-32000", "31000-32000", None),
        ("32768\t60999", "8080", "31000-31999,32000-33999,40000-40009", "8080,32768-33999,40000-40009"),
    ],
)
def test_ports_of_tasks_are_reserved_where_the_kernel_uses_them(
    machine: BareMachine, kernel: str, reserved: str, ports: str, wanted: str | None
) -> None:
    machine.write("proc/sys/net/ipv4/ip_local_port_range", f"{kernel}\n")
    machine.write("proc/sys/net/ipv4/ip_local_reserved_ports", f"{reserved}\n")
    done = machine.run("apply", *USER, "--task-ports", ports)
    file = machine.root / "etc/sysctl.d/90-cdktf-mesos.conf"
    assert file.exists() is (wanted is not None)
    if wanted:
        assert file.read_text() == f"net.ipv4.ip_local_reserved_ports = {wanted}\n"
        assert said(done.stdout, "undo")[-1] == (
            f"rm /etc/sysctl.d/{file.name} && echo '{reserved}' > /proc/sys/net/ipv4/ip_local_reserved_ports"
        )
    assert machine.run("apply", *USER, "--task-ports", ports).stdout == "nothing to change\n"


def test_a_private_mount_is_named_and_not_changed(machine: BareMachine) -> None:
    (machine.known / "mount").write_text("/srv private\n")
    (left,) = said(machine.run("plan", *USER, "--data-dir", "/srv/mesos").stdout, "left")
    assert left == "/srv/mesos: it is on a private mount: run mount --make-shared /srv at every boot"


def test_a_mirror_replaces_the_sources_of_debian(machine: BareMachine) -> None:
    machine.run("apply", *USER, "--mirror", "http://mirror.example.com/debian")
    key = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    assert machine.read("etc/apt/cdktf-mesos.list").splitlines() == [
        f"deb {key} http://mirror.example.com/debian trixie main",
        f"deb {key} http://mirror.example.com/debian trixie-updates main",
        f"deb {key} http://mirror.example.com/debian-security trixie-security main",
    ]


NAMES = ("--mesos-dns", "cluster7.example.com=10.20.30.11,10.20.30.12")
NAMES_FILE = "etc/systemd/resolved.conf.d/cdktf-mesos.conf"


def with_resolved(machine: BareMachine, everywhere: tuple[str, str] = ("", ""), link: str = " 10.20.30.2") -> None:
    """Have systemd-resolved, with servers and domains for the whole machine, and a server of an interface."""
    (machine.known / "active/systemd-resolved").touch()
    machine.write("etc/resolv.conf", "# By systemd-resolved\nnameserver 127.0.0.53\noptions edns0\nsearch .\n")
    machine.known.joinpath("resolved").mkdir(exist_ok=True)
    for kind, own, of_link in (("dns", everywhere[0], link), ("domain", everywhere[1], "")):
        (machine.known / "resolved" / kind).write_text(f"Global:{own}\nLink 2 (ens3):{of_link}\nLink 3 (docker0):\n")


def test_the_machine_asks_mesos_dns_for_the_names_of_its_domain_only(machine: BareMachine) -> None:
    with_resolved(machine)
    assert said(machine.run("plan", *USER, *NAMES).stdout, "would") == [*PLAN, f"write /{NAMES_FILE}"]
    assert not (machine.root / NAMES_FILE).exists()
    done = machine.run("apply", *USER, *NAMES)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.read(NAMES_FILE) == "[Resolve]\nDNS=10.20.30.11 10.20.30.12\nDomains=~cluster7.example.com\n"
    assert "systemctl restart systemd-resolved" in machine.calls()
    assert said(done.stdout, "undo")[-1] == f"rm /{NAMES_FILE} && systemctl restart systemd-resolved"


def test_the_name_servers_of_an_earlier_run_are_kept_or_replaced(machine: BareMachine) -> None:
    with_resolved(machine)
    machine.run("apply", *USER, *NAMES)
    with_resolved(machine, (" 10.20.30.11 10.20.30.12", " ~cluster7.example.com"))
    assert machine.run("apply", *USER, *NAMES).stdout == "nothing to change\n"
    assert machine.run("apply", *USER).stdout == "nothing to change\n"
    moved = machine.run("apply", *USER, "--mesos-dns", "mesos=10.20.30.13")
    assert said(moved.stdout, "did") == [f"write /{NAMES_FILE}"]
    assert machine.read(NAMES_FILE) == "[Resolve]\nDNS=10.20.30.13\nDomains=~mesos\n"


@pytest.mark.parametrize(
    ("everywhere", "link", "resolv", "reason"),
    [
        (("", ""), " 10.20.30.2", "", "found nothing in /etc/resolv.conf, wanted 127.0.0.53"),
        (None, "", None, "found no systemd-resolved that runs, wanted one: leave the option out, and have the name"),
        (
            ("", ""),
            " 10.20.30.2",
            "nameserver 10.20.30.2\nnameserver 10.20.30.3\n",
            "found 10.20.30.2 10.20.30.3 in /etc/resolv.conf, wanted 127.0.0.53: make it a link to",
        ),
        # Each of these would be asked for the names of Mesos-DNS, or Mesos-DNS for those of this domain.
        ((" 10.20.30.11 10.20.30.2", ""), " 10.20.30.2", None, "found 10.20.30.2 in the settings of systemd-resolved"),
        (("", " example.com"), " 10.20.30.2", None, "found example.com in the settings of systemd-resolved"),
        (("", ""), "", None, "found no network interface that has a name server, wanted one"),
    ],
)
def test_a_machine_that_cannot_split_names_by_domain_is_refused(
    machine: BareMachine, everywhere: tuple[str, str] | None, link: str, resolv: str | None, reason: str
) -> None:
    if everywhere is not None:
        with_resolved(machine, everywhere, link)
    if resolv:
        machine.write("etc/resolv.conf", resolv)
    elif resolv == "":
        (machine.root / "etc/resolv.conf").unlink()
    assert refused(machine, "plan", *USER, *NAMES).startswith(f"mesos-dns: {reason}")
    assert machine.run("plan", *USER).returncode == 0


def test_an_address_that_is_none_is_refused(machine: BareMachine) -> None:
    answer = refused(machine, "plan", *USER, "--mesos-dns", "mesos=10.20.30.256")
    assert answer == "mesos-dns: found 10.20.30.256, wanted IPv4 addresses: correct the option"


def test_root_needs_no_group(machine: BareMachine) -> None:
    (machine.known / "users/root").write_text("root\n")
    assert "group" not in machine.run("plan").stdout


def refused(machine: BareMachine, *words: str) -> str:
    before = machine.files()
    done = machine.run(*words)
    assert done.returncode == 1
    assert machine.files() == before
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("system", ["debian 11", "debian 1", "fedora 43", "ubuntu 20.04", "alpine "])
def test_another_system_is_refused(tmp_path: Path, system: str) -> None:
    answer = refused(BareMachine(tmp_path, system), "plan")
    assert answer == f"system: found {system}, wanted one of debian 12, debian 13, ubuntu 22.04, ubuntu 24.04"


def test_what_it_cannot_do_is_refused(machine: BareMachine) -> None:
    assert refused(machine, "plan", "--user", "nobody").startswith("user: found no nobody, wanted one who may log in")
    (machine.known / "uid").write_text("1000\n")
    assert refused(machine, "apply", *USER) == "user: found ops, wanted root: use sudo"
    (machine.known / "uid").write_text("0\n")
    machine.write("snap/bin/docker", "")
    assert refused(machine, "plan", *USER).startswith("engine: found a snap, wanted a package")
    (machine.root / "run/systemd/system").rmdir()
    assert refused(machine, "plan", *USER).startswith("init system: found another one, wanted systemd")


def test_a_mirror_of_debian_is_refused_on_ubuntu(tmp_path: Path) -> None:
    machine = BareMachine(tmp_path, "ubuntu 24.04")
    assert refused(machine, "plan", *USER, "--mirror", "http://m.example.com").startswith(
        "mirror: found ubuntu 24.04, wanted Debian"
    )


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("install",),
        ("plan", "now"),
        ("plan", "--user"),
        ("plan", "--user", "a b"),
        ("plan", "--data-dir", "srv"),
        ("plan", "--data-dir", "/srv/../etc"),
        ("plan", "--data-dir", "/srv\n/x"),
        ("plan", "--mirror", "ftp://mirror.example.com"),
        ("plan", "--task-ports", "31000"),
        ("plan", "--mesos-dns", "10.20.30.11"),
        ("plan", "--mesos-dns", "Mesos=10.20.30.11"),
        ("plan", "--mesos-dns", "a..b=10.20.30.11"),
        ("plan", "--mesos-dns", "mesos=10.20.30.11,"),
        ("plan", "--engine-metrics", "9323"),
        ("plan", "--what", "x"),
    ],
)
def test_wrong_words_are_refused(machine: BareMachine, words: tuple[str, ...]) -> None:
    done = machine.run(*words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("usage: prepare.sh plan | apply ")


def test_a_failure_is_named_and_what_was_done_before_is_kept(machine: BareMachine) -> None:
    (machine.known / "update").write_text("100\n")
    text = script().replace("APT_SECONDS=120", "APT_SECONDS=0")
    done = machine.run("apply", *USER, script=text)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("apt-get update: found it failing for 0 s, wanted the lists: see ")
    assert said(done.stdout, "did") == PLAN[:3]
    machine.program("usermod", "echo no such group >&2; exit 6")
    (machine.known / "update").unlink()
    done = machine.run("apply", *USER)
    assert done.returncode == 1
    assert done.stderr == "docker_group: found an error, wanted success: see /var/log/cdktf-mesos-prepare.log\n"
    assert "no such group" in machine.read("var/log/cdktf-mesos-prepare.log")


def test_half_of_the_script_does_nothing(machine: BareMachine) -> None:
    before = machine.files()
    machine.run("apply", *USER, script=script().rpartition("main ")[0])
    assert machine.files() == before


def test_script_and_python_have_the_same_defaults_and_forms() -> None:
    assert f"DATA_DIR={DATA_DIR} " in script()
    assert f"STATE={CHANGES.rpartition('/')[0]} " in script()
    for form, _ in FORMS.values():
        assert f"form='{form}'" in script()
