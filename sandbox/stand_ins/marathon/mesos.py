"""One subscription to one Mesos master: pymesos's driver, extended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from pymesos import MesosSchedulerDriver, Scheduler  # type: ignore[import-not-found]

Json = dict[str, Any]
log = logging.getLogger(__name__)


class MesosError(Exception):
    """The master did not accept a call."""


class Driver(MesosSchedulerDriver):  # type: ignore[misc]  # pymesos has no types
    """Ends when its connection ends. pymesos would reconnect after up to 15 s, and not notice a new leader meanwhile.

    Args:
        scheduler: handles the events, in pymesos's thread.
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
        # Without `failover`, pymesos would tear down the framework when its thread ends because of any error.
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
        self.redirected: str | None = None  # the leading master that a follower redirected to

    def change_master(self, master: str) -> None:
        """Called by `start`, and for a redirect."""
        if self.master is None:
            super().change_master(master)
        else:
            self.redirected = master

    def process_event(self, event: Json) -> None:
        """Handles an event. Catches all exceptions, because one would end pymesos's thread."""
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
        """The connection ended, or could not be opened."""
        super().on_close()
        self.leave()

    def leave(self) -> None:
        """Ends the connection. The framework stays registered."""
        self.stop(failover=True)

    def kill(self, task: Json) -> None:
        """Kills a task. Unlike `killTask`, it can pass an agent and a grace period."""
        self._send({"type": "KILL", "framework_id": {"value": self.framework_id}, "kill": task})
