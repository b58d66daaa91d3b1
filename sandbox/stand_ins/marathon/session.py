"""Registers the framework: finds the leading master and subscribes, again whenever the connection ends."""

from __future__ import annotations

import http.client
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymesos import Scheduler  # type: ignore[import-not-found]

from .flags import Flags
from .masters import Masters
from .mesos import Driver, MesosError
from .tls import tunnel_of
from .zookeeper import Store

Json = dict[str, Any]
log = logging.getLogger(__name__)

# Seconds. A master sends a heartbeat every 15 seconds. After three missed ones, the master or its host is down.
SILENCE = 45.0


class Session:
    """Keeps the framework registered, always with the same id.

    Args:
        flags: the process's flags.
        store: keeps the framework's id.
        masters: finds the leading master.
        fatal: ends the process with a message.
    """

    def __init__(self, flags: Flags, store: Store, masters: Masters, fatal: Callable[[str], None]) -> None:
        self._flags, self._store, self._masters, self._fatal = flags, store, masters, fatal
        self._driver: Driver | None = None
        self._tunnel, self._leader = tunnel_of(os.environ), ""
        self.framework_id: str | None = store.load("framework").get("id")
        self.master: str | None = None  # set while the framework is registered there

    def run(self, scheduler: Scheduler) -> None:
        """Subscribes, again whenever a subscription ends; never returns."""
        redirected: str | None = None
        while True:
            if leader := redirected or self._masters.leader():
                reached_at = self._tunnel.to(leader) if self._tunnel else leader
                driver = Driver(scheduler, self._framework_info(), reached_at, self._credentials(), self._fatal)
                self._leader = leader
                self._driver = driver
                driver.start()
                while not driver.aborted:
                    time.sleep(0.1)
                    if time.monotonic() - driver.heard > SILENCE:
                        log.warning("nothing heard from %s", leader)
                        driver.leave()
                driver.join()  # sleeps for up to 3 s more when the master could not be reached
                self._driver = self.master = None
                log.warning("the connection to %s ended", leader)
                redirected = driver.redirected
            time.sleep(0.5)

    def call(self, method: str, *arguments: Any) -> None:
        """Sends a call to the master.

        Args:
            method: the name of the driver's method.
            arguments: the method's arguments.

        Raises:
            MesosError: the framework is not registered, or the master cannot be reached or rejects the call.
        """
        driver = self._driver
        if not driver or not self.master:
            raise MesosError(f"{method}: not registered")
        try:
            getattr(driver, method)(*arguments)
        except (RuntimeError, OSError, http.client.HTTPException) as error:  # pymesos raises these
            raise MesosError(f"{method}: {error}") from error

    def leave(self) -> None:
        """Ends the subscription; `run` then subscribes to the master that leads now."""
        if driver := self._driver:
            driver.leave()

    def registered(self, driver: Driver) -> None:
        """The master accepted the subscription."""
        if driver.framework_id != self.framework_id:
            self._store.save("framework", "id", driver.framework_id)
            self.framework_id = driver.framework_id
        self.master = self._leader
        log.info("registered with %s as framework %s", self.master, self.framework_id)

    def ended(self, message: str) -> None:
        """The master has removed the framework, or accepts it no more."""
        if "removed" in message:  # failover timeout or teardown: register as a new framework at the next start
            self._store.remove("framework", "id")
        self._fatal(f"Mesos ended the framework: {message}")

    def _credentials(self) -> tuple[str | None, str | None]:
        flags = self._flags
        if not flags.mesos_authentication:
            return None, None
        secret = flags.mesos_authentication_secret
        if not secret and flags.mesos_authentication_secret_file:
            # As it is, with an end of line if it has one: such a secret is another one.
            secret = Path(flags.mesos_authentication_secret_file).read_bytes().decode()
        return (flags.mesos_authentication_principal, secret) if secret else (None, None)

    def _framework_info(self) -> Json:
        flags = self._flags
        info: Json = {
            "user": flags.mesos_user,
            "name": flags.framework_name,
            "roles": [flags.mesos_role],
            "capabilities": [{"type": "MULTI_ROLE"}],
            "checkpoint": flags.checkpoint,
            "failover_timeout": flags.failover_timeout,
            "hostname": flags.hostname,
            "webui_url": flags.webui_url or f"http://{flags.address}",
        }
        if flags.mesos_authentication_principal:
            info["principal"] = flags.mesos_authentication_principal
        if self.framework_id:
            info["id"] = {"value": self.framework_id}
        return info
