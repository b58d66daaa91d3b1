"""The stand-in's main program: `python3 -m stand_in <Marathon's flags>`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn

from . import leader
from .flags import FlagError, Flags, parse
from .name import NAME
from .server import servers
from .zookeeper import Election, connect, split_url

log = logging.getLogger(__name__)
_sessions: list[Callable[[], None]] = []
_ending = threading.Event()


def main() -> None:
    """Runs until SIGTERM, or until it loses the leadership or the framework, as Marathon does."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="[%(asctime)s] %(levelname)s %(message)s")
    logging.getLogger("kazoo").setLevel(logging.WARNING)
    logging.getLogger("pymesos").handlers.clear()  # else every line would be logged twice
    logging.getLogger("pymesos.scheduler").setLevel(logging.CRITICAL)  # else a traceback for each failed attempt
    version, fault = os.environ.get("STAND_IN_VERSION", "v0.0.0"), os.environ.get("STAND_IN_FAULT", "")
    log.info("%s, in the place of %s", NAME, version)
    signal.signal(signal.SIGTERM, lambda *_: _end("SIGTERM", 143))  # a JVM's exit code after SIGTERM
    # pymesos interrupts the main thread when its own thread fails. Ignore that: the session starts a new thread.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if fault:
        _break(fault)
    try:
        flags = parse(sys.argv[1:], os.environ)
        _run(flags, version)
    except (FlagError, ValueError) as error:
        _end(f"[scallop] Error: {error}", 1)


def _run(flags: Flags, version: str) -> None:
    if flags.master.startswith("zk://"):
        split_url(flags.master)  # fails early if the URL is invalid
    client, path = connect(flags.zk, flags.zk_session_timeout / 1000)
    try:
        client.start(timeout=flags.zk_connection_timeout / 1000)
    except client.handler.timeout_exception:
        _end(f"no connection to {flags.zk}", 103)
    _sessions.append(client.stop)
    client.retry(client.ensure_path, path)

    def lead() -> None:
        api = leader.start(flags, version, client, path, lambda message: _end(message, 1))
        for server in listening:
            server.api = api

    def lost() -> None:
        if not _ending.is_set():  # else this process has ended the session itself
            _end("the ZooKeeper session is lost", 1)

    election = Election(client, path, flags.address, lead, lost)
    listening = servers(flags, election.leader)
    election.start()
    for server in listening:
        threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
        log.info("listening on %s:%s as %s", *server.server_address[:2], flags.address)
    threading.Event().wait()


def _break(fault: str) -> None:
    """Acts as a release candidate that is broken on purpose; does not return."""
    if fault == "exit":
        _end("this release candidate ends at once, on purpose", 1)
    log.info("this release candidate never answers /ping, on purpose")
    while True:
        time.sleep(3600)


def _end(message: str, code: int) -> NoReturn:
    """Ends the process, from any thread. The framework stays registered, and its tasks keep running."""
    _ending.set()
    log.info("ending: %s", message)
    # Close the ZooKeeper session, so that the next leader need not wait until it times out. Do not wait long for that:
    # ZooKeeper may not answer.
    farewell = threading.Thread(target=lambda: [stop() for stop in _sessions], daemon=True)
    farewell.start()
    farewell.join(2)
    os._exit(code)


if __name__ == "__main__":
    main()
