"""Names of apps, reloads and the stop of a load balancer: real haproxy and runit against a made-up Marathon.

Nothing here needs an engine or a host. The numbers in the names of tests are those of marathon-lb's issues.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox import machine
from sandbox.process import wait_until
from tests.e2e.balancer import DOMAIN, Balancer, MadeUpMarathon, Task, app, balancer, free_port, request, serving

Names = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def runnable() -> None:
    if reason := machine.unavailable():
        pytest.skip(f"no sandbox on this machine: {reason}")


@pytest.fixture
def marathon() -> Iterator[MadeUpMarathon]:
    made = MadeUpMarathon()
    with serving(made):
        yield made


@pytest.fixture
def tasks() -> Iterator[list[Task]]:
    made = [Task(name) for name in ("a", "b", "c", "d")]
    with serving(*made):
        yield made


def answer(lb: Balancer, name: str, path: str = "/", *, secure: bool = False) -> str | int:
    """The name of the task that answers, or the status."""
    host = name if "." in name and name.endswith((".org", DOMAIN)) else f"{name}.{DOMAIN}"
    status, body = request(lb.https if secure else lb.http, host, path, secure=secure)
    return str(body["name"]) if status == 200 else status


def becomes(lb: Balancer, name: str, expected: str | int) -> None:
    wait_until(lambda: answer(lb, name) == expected, lambda: f"{name}: {answer(lb, name)}: {lb.log[-3000:]}", 20)


@contextmanager
def client(lb: Balancer, name: str) -> Iterator[list[str | int]]:
    """A client that sends 20 requests a second. Yields the list of answers that were not from a task."""
    failed: list[str | int] = []
    stop = threading.Event()

    def ask() -> None:
        found = answer(lb, name)
        if not isinstance(found, str):
            failed.append(found)

    def run() -> None:
        with ThreadPoolExecutor(max_workers=20) as pool:
            while not stop.wait(0.05):
                pool.submit(ask)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield failed
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_apps_are_reached_by_their_names_without_labels(
    marathon: MadeUpMarathon, tasks: list[Task], secure: bool
) -> None:
    a, b, c, d = tasks
    marathon.set(app("/web", a), app("/shop/cart", b, check="HTTP"), app("/shop-cart", c), app("/a.b/v2", d))
    with balancer(marathon) as lb:
        found = {
            name: answer(lb, name, secure=secure)
            for name in ("web", "WEB", "cart.shop", "shop-cart", "cart-shop", "v2.a.b", "none", "web.cart.shop")
        }
        assert found == {
            "web": "a",  # in mode tcp
            "WEB": "a",
            "cart.shop": "b",  # in mode http, because of its health check
            "shop-cart": "c",  # an app of this name wins
            "cart-shop": "b",
            "v2.a.b": "d",
            "none": 503,
            "web.cart.shop": 503,
        }
        _, body = request(lb.https if secure else lb.http, f"web.{DOMAIN}", secure=secure)
        headers = {name.lower(): value for name, value in body["headers"].items()}
        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert headers.get("x-forwarded-proto") == ("https" if secure else None)


def test_several_service_ports_lead_to_the_lowest(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    low, high = sorted((free_port(), free_port()))
    two = app("/web", tasks[0], port=high)
    two["portDefinitions"].append({"port": low})
    two["tasks"][0]["ports"].append(tasks[1].port)
    marathon.set(two)
    with balancer(marathon) as lb:
        assert answer(lb, "web") == "b"


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_labels_win(marathon: MadeUpMarathon, tasks: list[Task], secure: bool) -> None:
    a, b, c, _ = tasks
    marathon.set(
        app("/web", a),
        app("/new", b, HAPROXY_0_VHOST=f"web.{DOMAIN},www.example.org"),
        app("/api", c, HAPROXY_0_VHOST=f"api.{DOMAIN}", HAPROXY_0_PATH="/v1"),
    )
    with balancer(marathon) as lb:
        assert answer(lb, "web", secure=secure) == "b"
        assert answer(lb, "www.example.org", secure=secure) == "b"
        assert answer(lb, "new", secure=secure) == "b"
        assert answer(lb, "api", "/v1/x", secure=secure) == "c"
        assert answer(lb, "api", "/v2", secure=secure) == 503


def test_only_apps_of_its_groups_are_reached(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    a, b, c, _ = tasks
    marathon.set(app("/web", a, HAPROXY_GROUP="external"), app("/db", b, HAPROXY_GROUP="internal"), app("/none", c))
    with balancer(marathon, groups=["external"]) as lb:
        assert [answer(lb, name) for name in ("web", "db", "none")] == ["a", 503, 503]


def test_certificates_are_those_in_the_folder(marathon: MadeUpMarathon, tasks: list[Task], tmp_path: Path) -> None:
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN=*.{DOMAIN}", "-days", "2"]
    site = tmp_path / "site.pem"
    subprocess.run([*words, "-keyout", f"{site}.key", "-out", site], check=True, capture_output=True)
    marathon.set(app("/web", tasks[0]))
    with balancer(marathon, certificates=str(tmp_path)) as lb:
        shown = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{lb.https}", "-servername", f"web.{DOMAIN}"],
            input=b"",
            capture_output=True,
            check=False,
        )
        assert f"CN = *.{DOMAIN}".encode() in shown.stdout
        assert answer(lb, "web", secure=True) == "a"


def test_a_certificate_without_a_key_is_named(marathon: MadeUpMarathon, tmp_path: Path) -> None:
    (tmp_path / "site.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with balancer(marathon, start=False, certificates=str(tmp_path)) as lb:
        lb.start(0)
        assert lb.wait(20) == 1
        assert "site.pem has no private key (PEM)" in lb.log


def test_a_stop_cuts_no_request(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    marathon.set(app("/web", *tasks[:2]))
    with balancer(marathon, drain_seconds=2) as lb, ThreadPoolExecutor() as pool:
        slow = pool.submit(answer, lb, "web", "/slow")
        wait_until(lambda: any(task.has_slow_request.is_set() for task in tasks), str, 5)
        lb.stop()
        wait_until(lambda: not lb.is_healthy(), lambda: "9090 still answers", 2)
        assert answer(lb, "web") in ("a", "b")
        late = pool.submit(answer, lb, "web", "/slow")
        assert lb.wait(30) == 0
        assert slow.result() in ("a", "b") and late.result() in ("a", "b")
        assert answer(lb, "web") == 0


def test_a_stop_ends_connections_that_stay_open(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    tasks[0].slow_seconds = 60
    marathon.set(app("/web", tasks[0]))
    with balancer(marathon, drain_seconds=0, finish_seconds=1) as lb, ThreadPoolExecutor() as pool:
        pool.submit(answer, lb, "web", "/slow")
        wait_until(lambda: any(task.has_slow_request.is_set() for task in tasks), str, 5)
        lb.stop()
        assert lb.wait(20) == 0
        assert "some connections are still open, and end now" in lb.log


def test_a_reload_cuts_no_request(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    marathon.set(app("/web", *tasks[:2]))
    with balancer(marathon) as lb, ThreadPoolExecutor() as pool:
        slow = pool.submit(answer, lb, "web", "/slow")
        for task in tasks:
            marathon.set(*marathon.apps[:1], app(f"/more-{task.name}", task))
            becomes(lb, f"more-{task.name}", task.name)
        assert slow.result() in ("a", "b")


def test_old_processes_end_after_hard_stop_seconds_71_382_519(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    tasks[0].slow_seconds = 60
    web = app("/web", tasks[0])
    marathon.set(web)
    with balancer(marathon, hard_stop_seconds=2) as lb, ThreadPoolExecutor() as pool:
        pool.submit(answer, lb, "web", "/slow")
        for number in range(3):
            marathon.set(web, app(f"/more-{number}", tasks[1]))
            becomes(lb, f"more-{number}", "b")
        wait_until(lambda: len(lb.workers()) == 1, lambda: f"{lb.workers()}: {lb.log[-3000:]}", 20)


def test_a_bad_label_leaves_out_only_its_app_482_234(marathon: MadeUpMarathon, tasks: list[Task]) -> None:
    a, b, c, _ = tasks
    marathon.set(app("/web", a))
    with balancer(marathon) as lb:
        bad = app("/bad", b, HAPROXY_0_BACKEND_HTTP_OPTIONS="  nonsense\n", HAPROXY_0_MODE="http")
        marathon.set(*marathon.apps, bad, app("/good", c))
        becomes(lb, "good", "c")
        assert (answer(lb, "web"), answer(lb, "bad")) == ("a", 503)


def test_without_marathon_it_is_not_healthy_until_marathon_answers_104(tasks: list[Task]) -> None:
    port = free_port()
    later = MadeUpMarathon(port)
    later.set(app("/web", tasks[0]))
    later.server_close()
    with balancer(later, start=False) as lb:
        lb.start(0)
        wait_until(lambda: "no instance of Marathon answers" in lb.log, lambda: lb.log, 20)
        assert not lb.is_healthy()
        again = MadeUpMarathon(port)
        again.set(app("/web", tasks[0]))
        with serving(again):
            wait_until(lb.is_healthy, lambda: lb.log, 40)
            assert answer(lb, "web") == "a"


def test_it_is_healthy_without_apps(marathon: MadeUpMarathon) -> None:
    with balancer(marathon) as lb:
        assert answer(lb, "web") == 503


def test_a_dead_marathon_and_one_that_redirects_to_the_leader_are_no_problem_594_440(
    marathon: MadeUpMarathon, tasks: list[Task]
) -> None:
    dead, leader = MadeUpMarathon(), MadeUpMarathon()
    dead.server_close()
    marathon.leader = f"http://127.0.0.1:{leader.port}"
    with serving(leader):
        web = app("/web", tasks[0])
        marathon.apps = leader.apps = [web]
        with balancer(dead, marathon) as lb:
            wait_until(lambda: bool(leader.listeners), lambda: lb.log, 30)
            marathon.apps = [web, app("/new", tasks[1])]
            leader.set(*marathon.apps)
            becomes(lb, "new", "b")


@pytest.mark.full
def test_a_marathon_that_never_answers_is_given_up_and_the_next_one_asked_440(
    marathon: MadeUpMarathon, tasks: list[Task]
) -> None:
    hung = MadeUpMarathon()
    hung.hangs.set()
    marathon.set(app("/web", tasks[0]))
    with serving(hung), balancer(hung, marathon, start=False) as lb:
        lb.start(90)  # marathon-lb gives up after 46 s
        assert answer(lb, "web") == "a"


@pytest.mark.parametrize("check", [None, "HTTP"], ids=["tcp", "http"])
def test_scaling_down_loses_no_request_if_the_app_drains_129_163_408(
    marathon: MadeUpMarathon, check: str | None, measured: Callable[[str], None]
) -> None:
    made = [Task(str(number)) for number in range(4)]
    port = free_port()
    with serving(*made):
        marathon.set(app("/web", *made, port=port, check=check))
        with balancer(marathon) as lb, client(lb, "web") as failed:
            began = time.monotonic()
            for leaving in (made[3], made[2]):
                # TASK_KILLING comes first, while the task still answers.
                workers, definition = lb.workers(), marathon.apps[0]
                for each in definition["tasks"]:
                    if each["id"] == f"task.{leaving.name}":
                        each["state"] = "TASK_KILLING"
                marathon.set(definition)
                # A task that drains answers until haproxy has reloaded, and its old worker's last request has ended.
                lb.wait_until_reloaded(workers)
                assert f"127.0.0.1:{leaving.port}" not in lb.configuration()
                leaving.shutdown()
                leaving.server_close()
            marathon.set(app("/web", *made[:2], port=port, check=check))
            wait_until(lambda: time.monotonic() - began > 3, str)
        measured(f"4 to 2 tasks under 20 requests a second: {len(failed)} failed")
        assert not failed


@pytest.mark.parametrize("release", ["v1.14.2", "v1.15.0"])
def test_the_log_says_that_the_generator_is_a_stand_in(
    marathon: MadeUpMarathon, tasks: list[Task], release: str
) -> None:
    marathon.set(app("/web", tasks[0]))
    with balancer(marathon, release=release) as lb:
        assert f"stand-in for tests (not marathon-lb), in the place of {release}" in lb.log
        assert "stand-in" in lb.configuration()
