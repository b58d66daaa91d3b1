"""The parts of the executor stand-in that need no agent and no engine."""

from __future__ import annotations

import io
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.stand_ins.mesos_executor import main
from sandbox.stand_ins.mesos_executor.docker import address_of, run_arguments
from sandbox.stand_ins.mesos_executor.duration import seconds
from sandbox.stand_ins.mesos_executor.main import parse_flags
from sandbox.stand_ins.mesos_executor.protocol import Message, Pid, read_message, write_message


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0ns", 0), ("15mins", 900), ("2.5secs", 2.5), ("100ms", 0.1), ("1hrs", 3600), ("2weeks", 1209600)],
)
def test_durations_are_read_in_mesos_units(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "15", "15m", "mins", "-1secs", "1secs "])
def test_text_that_is_not_a_duration_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


def test_pids_are_read_and_written() -> None:
    pid = Pid.parse("slave(1)@10.0.0.1:5051")
    assert pid == Pid("slave(1)", "10.0.0.1", 5051)
    assert str(pid) == "slave(1)@10.0.0.1:5051"


@pytest.mark.parametrize("text", ["", "slave(1)", "slave(1)@10.0.0.1", "@10.0.0.1:5051", "slave(1)@10.0.0.1:x"])
def test_text_that_is_not_a_pid_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="not a pid"):
        Pid.parse(text)


def test_consecutive_messages_are_read_as_they_were_written() -> None:
    first, second = Message("RunTaskMessage", "a@h:1", b"\r\n\x00body"), Message("KillTaskMessage", "a@h:1", b"")
    to = Pid("executor(1)", "h", 2)
    stream = io.BytesIO(write_message(first, to) + write_message(second, to))
    assert [read_message(stream), read_message(stream), read_message(stream)] == [first, second, None]


def test_a_chunked_message_of_an_agent_is_read() -> None:
    stream = io.BytesIO(
        b"POST /executor(1)/mesos.internal.RunTaskMessage HTTP/1.1\r\nUser-Agent: libprocess/slave(1)@h:5051\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\nb;x=y\r\neleven byte\r\n0\r\n\r\n"
        b"POST /executor(1)/mesos.internal.KillTaskMessage HTTP/1.1\r\nContent-Length: 1\r\n\r\nk"
    )
    assert read_message(stream) == Message("RunTaskMessage", "slave(1)@h:5051", b"foureleven byte")
    assert read_message(stream) == Message("KillTaskMessage", "", b"k")


@pytest.mark.parametrize(
    "data",
    [
        b"GET /x\r\n\r\n",
        b"POST /executor(1)/m HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour",
        b"POST /executor(1)/m HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfour",
        b"POST /executor(1)/m HTTP/1.1\r\nContent-Le",
    ],
)
def test_an_incomplete_message_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a request|ended within"):
        read_message(io.BytesIO(data))


def test_flags_are_read_as_the_agent_writes_them() -> None:
    flags = parse_flags(["--container=mesos-1", "--docker=docker", "--quiet", "--no-help", "--x=a=b"])
    assert flags == {"container": "mesos-1", "docker": "docker", "quiet": "true", "help": "false", "x": "a=b"}


def test_a_fault_in_one_thread_ends_the_whole_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty:
        def __init__(self, *_: object) -> None:
            self._thread = threading.Thread(target=lambda: 1 / 0)

        def serve(self) -> None:
            self._thread.start()
            self._thread.join(10)

    reasons: list[str] = []
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # restored afterwards
    monkeypatch.setattr(main, "Executor", Faulty)
    monkeypatch.setattr(main, "load_messages", lambda _: None)
    monkeypatch.setattr(main, "leave", reasons.append)
    main.run_commands()
    assert reasons == ["a fault of this executor"]


class _Enums:
    """A fake of a protobuf message's descriptor, with only the enums."""

    def __init__(self, **names: dict[int, str]) -> None:
        self.fields_by_name = {
            field: SimpleNamespace(
                enum_type=SimpleNamespace(
                    values_by_number={n: SimpleNamespace(name=name) for n, name in values.items()}
                )
            )
            for field, values in names.items()
        }


def _task(**command: Any) -> SimpleNamespace:
    docker = SimpleNamespace(
        DESCRIPTOR=_Enums(network={1: "HOST", 2: "BRIDGE", 3: "NONE"}),
        image="busybox:1",
        network=1,
        privileged=False,
        port_mappings=[],
        parameters=[SimpleNamespace(key="label", value="a=b")],
    )
    volume = SimpleNamespace(DESCRIPTOR=_Enums(mode={1: "RW", 2: "RO"}), host_path="/h", container_path="/c", mode=2)
    environment = SimpleNamespace(variables=[SimpleNamespace(name="A", value="1")])
    return SimpleNamespace(
        task_id=SimpleNamespace(value="task-1"),
        resources=[_scalar("cpus", 0.1), _scalar("cpus", 0.4), _scalar("mem", 16)],
        command=SimpleNamespace(environment=environment, **{"shell": True, "value": "", "arguments": [], **command}),
        container=SimpleNamespace(docker=docker, volumes=[volume]),
    )


def _scalar(name: str, value: float) -> SimpleNamespace:
    return SimpleNamespace(name=name, scalar=SimpleNamespace(value=value))


def _arguments(**command: Any) -> list[str]:
    return run_arguments(_task(**command), container="mesos-1", sandbox="/s", mapped_sandbox="/mnt/mesos/sandbox")


def test_docker_run_gets_name_resources_environment_volumes_and_network() -> None:
    words = " ".join(_arguments())
    assert words == (
        "--name mesos-1 --cpu-shares 512 --memory 33554432 -e A=1 -e MESOS_SANDBOX=/mnt/mesos/sandbox "
        "-e MESOS_CONTAINER_NAME=mesos-1 -e MESOS_TASK_ID=task-1 -v /s:/mnt/mesos/sandbox -v /h:/c:ro "
        "--net host --label=a=b busybox:1"
    )


@pytest.mark.parametrize(
    ("mode", "settings", "expected"),
    [
        # An engine from API 1.52 on has no address outside the networks.
        ("host", {"Networks": {"host": {"IPAddress": ""}}}, ""),
        ("bridge", {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}, "172.17.0.2"),
        ("default", {"IPAddress": "172.17.0.3", "Networks": {"bridge": {"IPAddress": "172.17.0.3"}}}, "172.17.0.3"),
    ],
)
def test_a_containers_address_is_found_with_and_without_the_deprecated_field(
    mode: str, settings: dict[str, Any], expected: str
) -> None:
    assert address_of({"HostConfig": {"NetworkMode": mode}, "NetworkSettings": settings}) == expected


DNS = {"nameservers": ["10.0.0.11"], "search": ["marathon.mesos"], "options": ["timeout:1"]}


@pytest.mark.parametrize(
    ("network", "parameters", "expected"),
    [
        ("BRIDGE", {}, ["--dns=10.0.0.11", "--dns-search=marathon.mesos", "--dns-opt=timeout:1"]),
        ("USER", {}, []),
        ("HOST", {}, []),
        ("BRIDGE", {"dns": "192.0.2.1"}, ["--dns=192.0.2.1"]),
    ],
)
def test_containers_with_a_network_of_their_own_get_the_agents_name_servers(
    network: str, parameters: dict[str, str], expected: list[str]
) -> None:
    info = _task()
    info.container.docker.DESCRIPTOR = _Enums(network={1: network})
    info.container.docker.parameters = [SimpleNamespace(key=key, value=value) for key, value in parameters.items()]
    flag = {"docker": [{"network_mode": "BRIDGE", "dns": DNS}]}
    arguments = run_arguments(info, container="c", sandbox="/s", mapped_sandbox="/m", container_dns=flag)
    assert [each for each in arguments if each.startswith("--dns")] == expected


def test_a_shell_command_replaces_the_entrypoint() -> None:
    assert _arguments(value="sleep 1; exit 3")[-5:] == ["--entrypoint", "/bin/sh", "busybox:1", "-c", "sleep 1; exit 3"]


def test_a_command_without_shell_is_handed_to_the_image() -> None:
    assert _arguments(shell=False, value="sleep", arguments=["1"])[-3:] == ["busybox:1", "sleep", "1"]
    assert _arguments(shell=False, arguments=["-x"])[-2:] == ["busybox:1", "-x"]


def test_a_tls_handshake_is_given_up_at_its_first_byte() -> None:
    class Open(io.BytesIO):
        def readline(self, *_: object) -> bytes:
            raise AssertionError("would wait for ever: the peer sends nothing more before it gets an answer")

    with pytest.raises(ValueError, match="not a request of libprocess"):
        read_message(Open(b"\x16\x03\x01\x02\x00\x01"))
