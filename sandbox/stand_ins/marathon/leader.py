"""Starts what only the elected instance does."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from .api import Api
from .backoff import Backoff
from .flags import Flags
from .masters import FixedMaster, Masters, ZooKeeperMasters
from .name import NAME
from .scheduler import Scheduler
from .session import Session
from .state import State
from .upkeep import Upkeep
from .zookeeper import ZooKeeperStore

log = logging.getLogger(__name__)


def start(flags: Flags, version: str, client: Any, path: str, fatal: Callable[[str], None]) -> Api:
    """Reads the state and starts to register the framework; returns the API that answers requests from now on.

    Args:
        flags: the process's flags.
        version: the Marathon version that the stand-in reports.
        client: the ZooKeeper client.
        path: the path in `--zk`.
        fatal: ends the process with a message.
    """
    store = ZooKeeperStore(client, path)
    state, backoff = State(store, flags.local_port_min), Backoff()
    masters: Masters = FixedMaster(flags.master)
    if flags.master.startswith("zk://"):
        masters = ZooKeeperMasters(flags.master, flags.zk_session_timeout / 1000, lambda: session.leave())
    session = Session(flags, store, masters, fatal)
    upkeep = Upkeep(flags, state, session, backoff)
    scheduler = Scheduler(flags, state, session, upkeep, backoff)
    state.changed = upkeep.wake

    def guarded(run: Callable[[], None]) -> None:
        try:
            run()
        except Exception as error:
            log.exception("internal error")
            fatal(f"internal error: {error}")

    if isinstance(masters, ZooKeeperMasters):
        masters.start()
    for run in (lambda: session.run(scheduler), upkeep.run):
        threading.Thread(target=guarded, args=(run,), daemon=True).start()
    return Api(state, lambda: _info(flags, version, session))


def _info(flags: Flags, version: str, session: Session) -> dict[str, Any]:
    """The content of `/v2/info`."""
    return {
        "name": "marathon",
        "standIn": True,
        "description": f"{NAME}: it runs Docker apps on a real Mesos and has only a part of Marathon's API",
        "version": version.removeprefix("v"),
        "buildref": "unknown",
        "elected": True,
        "leader": flags.address,
        "frameworkId": session.framework_id,
        "marathon_config": {
            "master": flags.master,
            "framework_name": flags.framework_name,
            "failover_timeout": flags.failover_timeout,
            "checkpoint": flags.checkpoint,
            "ha": True,
            "hostname": flags.hostname,
            "mesos_user": flags.mesos_user,
            "mesos_role": flags.mesos_role,
            "mesos_leader_ui_url": f"http://{session.master}/" if session.master else None,
            "task_launch_timeout": flags.task_launch_timeout,
            "reconciliation_interval": flags.reconciliation_interval,
        },
        "zookeeper_config": {
            # RedactedUrl: without the login.
            "zk": re.sub("//.*@", "//", flags.zk),
            "zk_timeout": flags.zk_timeout,
            "zk_session_timeout": flags.zk_session_timeout,
        },
        "http_config": {"http_port": flags.http_port, "https_port": flags.https_port},
    }
