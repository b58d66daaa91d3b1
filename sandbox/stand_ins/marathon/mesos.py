"""One subscription with one Mesos master: the driver of pymesos, and what it leaves out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from pymesos import MesosSchedulerDriver, Scheduler  # type: ignore[import-not-found]

Json = dict[str, Any]
log = logging.getLogger(__name__)


class MesosError(Exception):
    """The master did not take a call."""


class Driver(MesosSchedulerDriver):  # type: ignore[misc]  # pymesos has no types
    """Ends with its connection. pymesos's own reconnection would sleep up to 15 s in which no new leader is noticed.

    Args:
        scheduler: gets the events, in pymesos's thread.
        framework: the FrameworkInfo.
        master: `host:port`.
        credentials: principal and secret, for HTTP basic authentication.
        fatal: ends the process with a message.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        framework: Json,
        master: str,
        credentials: tuple[str | None, str | None],
        fatal: Callable[[str], None],
    ) -> None:
        principal, secret = credentials
        # Without failover pymesos would tear the framework down when its thread ends, by whatever error.
        super().__init__(
            scheduler,
            framework,
            master,
            implicit_acknowledgements=False,
            principal=principal,
            secret=secret,
            failover=True,
        )
        self._fatal = fatal
        self.heard = time.monotonic()  # when the master last sent something
        self.redirected: str | None = None  # the leading master, as a follower told

    def change_master(self, master: str) -> None:
        """Called by `start`, and on a redirect."""
        if self.master is None:
            super().change_master(master)
        else:
            self.redirected = master

    def process_event(self, event: Json) -> None:
        """An exception would end pymesos's thread."""
        self.heard = time.monotonic()
        try:
            super().process_event(event)
        except MesosError as error:
            log.warning("%s", error)
            self.leave()
        except Exception as error:
            log.exception("internal error")
            self._fatal(f"internal error: {error}")

    def on_close(self) -> None:
        """The connection ended, or did not come about."""
        super().on_close()
        self.leave()

    def leave(self) -> None:
        """Ends the connection. The framework stays registered."""
        self.stop(failover=True)

    def kill(self, task: Json) -> None:
        """As `killTask`, which takes neither an agent nor a grace period."""
        self._send({"type": "KILL", "framework_id": {"value": self.framework_id}, "kill": task})
