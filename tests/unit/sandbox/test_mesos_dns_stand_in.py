"""The Mesos-DNS stand-in makes the same names as Mesos-DNS, and answers as it does."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from dnslib import QTYPE, RCODE, DNSRecord  # type: ignore[import-untyped]

from sandbox.stand_ins.mesos_dns import http_api, masters, servers
from sandbox.stand_ins.mesos_dns.answers import Answers
from sandbox.stand_ins.mesos_dns.config import Config, ConfigError, read_config
from sandbox.stand_ins.mesos_dns.labels import agent_tail, fragment, label, short_hash
from sandbox.stand_ins.mesos_dns.masters import Masters
from sandbox.stand_ins.mesos_dns.name import NAME
from sandbox.stand_ins.mesos_dns.records import Records, records_of
from sandbox.stand_ins.mesos_dns.refresh import Names
from sandbox.stand_ins.mesos_dns.release import Release
from tests.unit.answers import HERE

OLD, NEW = Release("v0.6.0"), Release("v0.9.4")
BRIDGE = "172.17.0.2"


def task(name: str = "web", agent: str = "S0", state: str = "TASK_RUNNING", **more: Any) -> dict[str, Any]:
    status = {
        "state": "TASK_RUNNING",
        "timestamp": 1.0,
        "container_status": {"network_infos": [{"ip_addresses": [{"ip_address": BRIDGE}]}]},
        "labels": [{"key": "Docker.NetworkSettings.IPAddress", "value": "172.17.0.9"}],
    }
    return {
        "id": f"{name}.1",
        "name": name,
        "slave_id": f"aaaa-{agent}",
        "state": state,
        "statuses": [status],
        "resources": {"ports": "[31000-31001]"},
        **more,
    }


def state(*tasks: dict[str, Any], framework: str = "marathon") -> dict[str, Any]:
    return {
        "leader": "master@10.0.0.11:5050",
        "slaves": [
            {"id": "aaaa-S0", "pid": "slave(1)@10.0.0.21:5051"},
            {"id": "aaaa-S1", "pid": "slave(1)@10.0.0.22:5051"},
        ],
        "frameworks": [{"name": framework, "pid": "scheduler-1@10.0.0.12:15101", "tasks": list(tasks)}],
    }


def config(**more: Any) -> Config:
    own = {"zk": "zk://10.0.0.11:2181/mesos", "IPSources": ["host"], "resolvers": ["192.0.2.1"]}
    return read_config(json.dumps({**own, **more}))


def records(*tasks: dict[str, Any], release: Release = NEW, framework: str = "marathon", **more: Any) -> Records:
    masters = ["10.0.0.11:5050", "10.0.0.12:5050", "10.0.0.11:5050"]
    return records_of(state(*tasks, framework=framework), config(**more), release, masters)


@pytest.mark.parametrize(
    ("text", "expected", "short"),
    [
        ("web", "web", "web"),
        ("cart.shop", "cart-shop", "cart-shop"),
        ("My_App", "my-app", "my-app"),
        ("a b/c!", "abc", "abc"),
        ("-web-", "web", "web"),
        ("1web", "1web", "web"),
        # Mesos-DNS, issues 522 and 175: names that are equal in what is kept of them.
        ("x" * 70, "x" * 63, "x" * 24),
        # Mesos-DNS, issue 432: Mesos-DNS ended with an error.
        (f"hello{'-' * 130}f", "hellof", "hellof"),
        (f"{'x' * 60}----{'y' * 9}", f"{'x' * 60}yyy", "x" * 24),
    ],
)
def test_labels(text: str, expected: str, short: str) -> None:
    assert label(text) == expected
    assert label(text, rfc952=True) == short


def test_parts_of_names() -> None:
    assert fragment("Marathon.Prod_1") == "marathon.prod-1"
    assert agent_tail("20141203-225336-2684354560-5050-22-S0") == "s0"
    # SHA-1 of an empty text begins with da39a3ee: 11011 01000 11100 11010 00111 ….
    assert short_hash("") == "5eh48"


def test_a_running_task_has_its_name_that_of_the_instance_and_those_of_its_agent() -> None:
    found = records(task("cart.shop"), task("gone", state="TASK_FINISHED"), task("lost", agent="S9"))
    instance = f"cart-shop-{short_hash('cart.shop.1')}-s0.marathon"
    for name in ("cart-shop.marathon", instance):
        assert found.a[f"{name}.mesos."] == ["10.0.0.21"]
        assert found.a[f"{name}.slave.mesos."] == ["10.0.0.21"]
    assert not [name for name in found.a if name.startswith(("gone", "lost"))]
    target = f"{instance}.slave.mesos."
    for protocol in ("tcp", "udp"):
        for place in ("", ".slave"):
            assert found.srv[f"_cart-shop._{protocol}.marathon{place}.mesos."] == [(target, 31000), (target, 31001)]


def test_a_task_with_discovery_info_has_its_raw_name_too_and_services_of_its_ports() -> None:
    ports = {"ports": [{"number": 31000, "name": "http", "protocol": "tcp"}, {"number": 31001}]}
    found = records(task(discovery={"name": "cart.shop", "ports": ports}))
    assert found.a["cart.shop.marathon.mesos."] == found.a["cart-shop.marathon.mesos."] == ["10.0.0.21"]
    target = f"cart-shop-{short_hash('web.1')}-s0.marathon.mesos."
    assert found.srv["_cart-shop._tcp.marathon.mesos."] == [(target, 31000), (target, 31001)]
    assert found.srv["_cart-shop._udp.marathon.mesos."] == [(target, 31001)]
    assert found.srv["_http._cart-shop._tcp.marathon.mesos."] == [(target, 31000)]
    below = f"cart-shop-{short_hash('web.1')}-s0.marathon.slave.mesos."
    assert found.srv["_cart-shop._udp.marathon.slave.mesos."] == [(below, 31000), (below, 31001)]
    assert found.srv["_http._cart-shop._tcp.marathon.slave.mesos."] == [(below, 31000)]
    older = records(task(discovery={"name": "cart.shop", "ports": ports}), release=OLD)
    assert "_http._cart-shop._tcp.marathon.slave.mesos." not in older.srv


# Mesos-DNS, issues 332, 334, 477, 506: a task on a bridge got an address that no other machine reaches, in A and SRV.
@pytest.mark.parametrize(
    ("sources", "address"),
    [
        (["host"], "10.0.0.21"),
        (["netinfo", "mesos", "host"], BRIDGE),
        (["docker", "host"], "172.17.0.9"),
        (["mesos", "host"], "10.0.0.21"),
    ],
)
def test_the_address_of_a_task_comes_from_the_first_source_that_has_one(sources: list[str], address: str) -> None:
    found = records(task(), IPSources=sources)
    assert found.a["web.marathon.mesos."] == [address]
    assert found.a["web.marathon.slave.mesos."] == ["10.0.0.21"]
    (target, _), *_ = found.srv["_web._tcp.marathon.mesos."]
    assert found.a[target] == ["10.0.0.21"]


def test_masters_agents_and_frameworks_have_names() -> None:
    found = records(framework="Marathon.Prod")
    assert found.a["leader.mesos."] == ["10.0.0.11"]
    assert found.a["master.mesos."] == ["10.0.0.11", "10.0.0.12"]
    assert (found.a["master0.mesos."], found.a["master1.mesos."]) == (["10.0.0.11"], ["10.0.0.12"])
    assert "master2.mesos." not in found.a
    # The name server's own name; up to 0.6.0 it was that of the mailbox.
    assert found.a["ns1.mesos."] == records(release=OLD).a["root.ns1.mesos."] == ["0.0.0.0"]
    assert found.a["slave.mesos."] == ["10.0.0.21", "10.0.0.22"]
    assert found.a["marathon.prod.mesos."] == ["10.0.0.12"]
    assert found.srv["_leader._tcp.mesos."] == found.srv["_leader._udp.mesos."] == [("leader.mesos.", 5050)]
    assert found.srv["_framework._tcp.marathon.prod.mesos."] == [("marathon.prod.mesos.", 15101)]
    assert found.srv["_slave._tcp.mesos."] == [("slave.mesos.", 5051)]


class Server:
    """A stand-in that answers on loopback."""

    def __init__(self, release: Release, **more: Any) -> None:
        self.release = release
        self.config = config(listener=HERE, **more)
        self.names = Names(self.config, release, pytest.fail)
        self.port = servers.listen(Answers(self.config, release, self.names), HERE, 0)
        self.http_port = http_api.listen(http_api.Api(self.config, release, self.names), HERE, 0)

    def load(self, *tasks: dict[str, Any]) -> None:
        self.names.records = records_of(state(*tasks), self.config, self.release, [])

    def ask(self, name: str, kind: str = "A", *, tcp: bool = False) -> DNSRecord:
        return DNSRecord.parse(DNSRecord.question(name, kind).send(HERE, self.port, tcp=tcp, timeout=5))

    def api(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://{HERE}:{self.http_port}{path}", timeout=5) as answer:
            assert answer.headers["X-Stand-In"] == NAME
            return json.loads(answer.read())


@pytest.mark.parametrize("tcp", [False, True])
def test_questions_are_answered_by_udp_and_tcp(tcp: bool) -> None:
    server = Server(NEW, ttl=7)
    server.load(task())
    answer = server.ask("WEB.marathon.mesos", tcp=tcp)
    assert (answer.header.rcode, answer.header.aa) == (RCODE.NOERROR, 1)
    assert [(str(each.rdata), each.ttl) for each in answer.rr] == [("10.0.0.21", 7)]
    services = server.ask("_web._tcp.marathon.mesos", "SRV", tcp=tcp)
    assert [each.rdata.port for each in services.rr] == [31000, 31001]
    assert {each.rdata.weight for each in services.rr} == {1}
    assert [str(each.rdata) for each in services.ar] == ["10.0.0.21"]


@pytest.mark.parametrize(
    ("release", "name", "kind", "code", "authority"),
    [
        (NEW, "nobody.marathon.mesos", "A", RCODE.NXDOMAIN, ["SOA"]),
        # Mesos-DNS, issues 338 and 94: clients gave up because they were told that the name does not exist.
        (NEW, "leader.mesos", "AAAA", RCODE.NOERROR, ["SOA"]),
        (NEW, "nobody.mesos", "AAAA", RCODE.NXDOMAIN, ["SOA"]),
        (OLD, "leader.mesos", "AAAA", RCODE.NOERROR, ["SOA"]),
        (OLD, "nobody.mesos", "AAAA", RCODE.NOERROR, ["SOA"]),
        (Release("v0.5.0"), "leader.mesos", "AAAA", RCODE.NXDOMAIN, ["SOA"]),
        (NEW, "leader.mesos", "MX", RCODE.NOERROR, ["SOA"]),
        (NEW, "nobody.mesos", "MX", RCODE.NXDOMAIN, ["SOA"]),
        # Services have no names that do not exist.
        (NEW, "nobody.mesos", "SRV", RCODE.NOERROR, []),
        # These are in the authority section, though they were asked for.
        (NEW, "mesos", "SOA", RCODE.NOERROR, ["SOA"]),
        (NEW, "mesos", "NS", RCODE.NOERROR, ["NS"]),
    ],
)
def test_a_name_without_such_a_record(release: Release, name: str, kind: str, code: int, authority: list[str]) -> None:
    server = Server(release)
    server.load()
    answer = server.ask(name, kind)
    assert (answer.header.rcode, answer.rr) == (code, [])
    assert [(str(each.rname), QTYPE[each.rtype]) for each in answer.auth] == [(f"{name}.", each) for each in authority]


# Mesos-DNS, issues 237 and 457: a part of the instances was missing, and nothing said so.
def test_a_long_answer_is_cut_by_udp_says_so_and_is_whole_by_tcp() -> None:
    server = Server(NEW)
    many = {f"{number}": f"10.1.0.{number}" for number in range(1, 41)}
    document = state(*(task(id=f"web.{agent}", slave_id=agent) for agent in many))
    document["slaves"] = [{"id": agent, "pid": f"slave(1)@{address}:5051"} for agent, address in many.items()]
    server.names.records = records_of(document, server.config, NEW, [])
    short, whole = server.ask("web.marathon.mesos"), server.ask("web.marathon.mesos", tcp=True)
    assert (short.header.tc, len(short.rr)) == (1, 29)
    assert (whole.header.tc, len(whole.rr)) == (0, 40)
    quiet = Server(NEW, setTruncateBit=False)
    quiet.names.records = server.names.records
    assert quiet.ask("web.marathon.mesos").header.tc == 0
    # Additional records are dropped first, and that counts as cut.
    some = state(*(task(id=f"web.{agent}", slave_id=agent, resources={"ports": "[1-1]"}) for agent in list(many)[:8]))
    some["slaves"] = document["slaves"]
    server.names.records = records_of(some, server.config, NEW, [])
    services = server.ask("_web._tcp.marathon.mesos", "SRV")
    assert (services.header.tc, len(services.rr), len(services.ar)) == (1, 8, 0)


def test_other_names_go_to_the_resolvers_in_their_order() -> None:
    server = Server(NEW, resolvers=["127.9.9.1", "127.9.9.2"], timeout=1, zoneResolvers={"example.com": ["127.9.9.3"]})
    answers = Answers(server.config, NEW, server.names)
    assert list(answers._resolvers("www.example.org.")) == ["127.9.9.1", "127.9.9.2"]
    assert list(answers._resolvers("www.example.com.")) == ["127.9.9.3"]
    assert server.ask("www.example.org").header.rcode == RCODE.SERVFAIL
    assert Server(NEW, externalon=False).ask("www.example.org").header.rcode == RCODE.REFUSED


def test_the_http_api() -> None:
    server = Server(NEW)
    server.load(task())
    assert server.api("/v1/version") == {"Service": "Mesos-DNS", "URL": "", "Version": "0.9.4", "StandIn": NAME}
    assert server.api("/v1/config")["zk"] == "zk://10.0.0.11:2181/mesos"
    assert server.api("/v1/hosts/leader.mesos") == [{"host": "leader.mesos.", "ip": "10.0.0.11"}]
    assert server.api("/v1/hosts/nobody.mesos.") == [{"host": "", "ip": ""}]
    (first, _) = server.api("/v1/services/_web._tcp.marathon.mesos")
    assert (first["ip"], first["port"]) == ("10.0.0.21", "31000")
    assert server.api("/v1/services/_x._tcp.mesos") == [{"service": "", "host": "", "ip": "", "port": ""}]
    (framework,) = server.api("/v1/enumerate")["frameworks"]
    assert framework["tasks"][0]["records"][0] == {"name": "web.marathon.mesos.", "host": "10.0.0.21", "rtype": "A"}
    assert server.api("/v1/axfr")["Records"]["A"]["leader.mesos."] == ["10.0.0.11"]


@contextmanager
def master(path: str, *, cut: bool = False) -> Iterator[str]:
    """A master that has its state at a path, or ends while it sends its state. Yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == path else 404)
            if cut:
                self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(json.dumps(state(task())).encode() if self.path == path else b"Not Found.")

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer((HERE, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"{HERE}:{server.server_address[1]}"
        server.shutdown()


# Mesos-DNS, issues 538 and 545: the zone stayed empty with masters from 1.8 on. There the construct refuses the pair.
@pytest.mark.parametrize(
    ("release", "path", "expected"),
    [(OLD, "/master/state.json", True), (OLD, "/master/state", False), (NEW, "/master/state", True)],
)
def test_each_release_asks_for_its_own_state(release: Release, path: str, expected: bool) -> None:
    server = Server(release)
    # Before it has read the state, 0.6.0 answers that no name exists. Later releases do not listen before.
    assert server.ask("leader.mesos").header.rcode == RCODE.NXDOMAIN
    with master(path) as address:
        server.names.refresh(Masters(address, [address]))
    assert server.names.loaded.is_set() is expected
    assert bool(server.ask("leader.mesos").rr) is expected
    assert release.waits_for_state is (release is NEW)


def test_names_stay_when_no_master_answers() -> None:
    server = Server(NEW)
    server.load(task())
    server.names.refresh(Masters("127.0.0.1:1", []))
    with master("/master/state", cut=True) as address:
        server.names.refresh(Masters(address, []))
    assert server.ask("web.marathon.mesos").rr


# Mesos-DNS, issues 144 and 318: a Mesos-DNS that came before the masters never saw them, or ended.
def test_it_serves_once_masters_are_there_that_came_later() -> None:
    server = Server(replace(NEW), zkDetectionTimeout=0, refreshSeconds=1)
    server.names.masters_changed(None)
    threading.Thread(target=server.names.run, daemon=True).start()
    with master("/master/state") as address:
        server.names.masters_changed(Masters(address, [address]))
        assert server.names.loaded.wait(10)
        # Its thread goes on, and would ask for the state until the last test has ended.
        server.names.masters_changed(None)
    assert server.ask("leader.mesos").rr


class Zookeeper:
    """A ZooKeeper client in which the masters' path appears when `appear` is called."""

    def __init__(self, *_: object, **__: object) -> None:
        self.nodes: dict[str, Any] = {}
        self.asked = threading.Event()

    def start(self, **_: object) -> None: ...

    def retry(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def exists(self, path: str, watch: Callable[[object], None]) -> bool:
        self.watch = watch
        self.asked.set()
        return bool(self.nodes)

    def get(self, path: str) -> tuple[bytes, None]:
        return json.dumps(self.nodes[path.rpartition("/")[2]]).encode(), None

    def ChildrenWatch(self, path: str, function: Callable[[list[str]], None]) -> None:  # noqa: N802 (kazoo's name)
        function(list(self.nodes))

    def appear(self, *addresses: str) -> None:
        self.nodes = {
            f"json.info_{number:010}": {"address": {"ip": address, "port": 5050}}
            for number, address in enumerate(addresses)
        }
        self.watch(None)


def test_masters_are_found_when_their_path_appears_in_zookeeper(monkeypatch: pytest.MonkeyPatch) -> None:
    client, found, told = Zookeeper(), [], threading.Event()
    monkeypatch.setattr(masters, "KazooClient", lambda *_, **__: client)

    def changed(now: Masters | None) -> None:
        found.append(now)
        told.set()

    masters.Detector("zk://user:password@10.0.0.11:2181/mesos", changed).start()
    assert client.asked.wait(10)
    assert found == []
    client.appear("10.0.0.12", "10.0.0.11")
    assert told.wait(10)
    assert found == [Masters("10.0.0.12:5050", ["10.0.0.12:5050", "10.0.0.11:5050"])]


def test_it_ends_if_no_master_leads_for_the_detection_timeout() -> None:
    def fatal(message: str) -> None:
        raise SystemExit(message)

    with pytest.raises(SystemExit, match="no leading master for 1 s"):
        Names(config(zkDetectionTimeout=1), NEW, fatal).run()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"zk": ""}, "specify mesos masters or zookeeper"),
        ({"listener": "dns.example.com"}, "listener: dns.example.com is no IPv4 address"),
        ({"resolvers": ["ns1"]}, "resolvers: ns1 is no IPv4 address"),
        ({"zoneResolvers": {"x.mesos": ["10.0.0.1"]}}, "zoneResolvers: x.mesos overlaps"),
        ({"IPSources": ["agent"]}, "invalid source agent"),
        ({"mesosAuthentication": "basic"}, "mesosAuthentication is basic, but there are no mesosCredentials"),
    ],
)
def test_a_configuration_that_it_cannot_start_with(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config(**more)


def test_keys_are_in_any_case_and_unknown_ones_are_ignored() -> None:
    found = read_config('{"ZK": "zk://x:2181/mesos", "DOMAIN": "Prod.Example.com", "noSuchKey": 1}')
    assert (found.domain, found.resolvers, found.port) == ("prod.example.com", ["8.8.8.8"], 53)


def test_a_login_is_sent_to_the_masters() -> None:
    seen = []

    class Master(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            self.send_response(401)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    login = {"mesosAuthentication": "basic", "mesosCredentials": {"principal": "probe", "secret": "word"}}
    config = read_config(json.dumps({"zk": "zk://x:2181/mesos", **login}))
    with ThreadingHTTPServer((HERE, 0), Master) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        names = Names(config, Release("v0.9.4"), pytest.fail)
        names.refresh(Masters(f"{HERE}:{server.server_address[1]}", []))
        server.shutdown()
    assert (seen, names.loaded.is_set()) == (["Basic cHJvYmU6d29yZA=="], False)
