"""The framework's registration: finds the leading master, subscribes, and does so again when the connection ends."""

from __future__ import annotations

import http.client
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .flags import Flags
from .masters import Masters
from .mesos import MesosError, Subscription
from .zookeeper import Store

Json = dict[str, Any]
log = logging.getLogger(__name__)


class Session:
    """Keeps the framework registered, always with the same id.

    Args:
        flags: those of the process.
        store: keeps the framework's id.
        masters: tells which master leads.
        fatal: ends the process with a message.
    """

    def __init__(self, flags: Flags, store: Store, masters: Masters, fatal: Callable[[str], None]) -> None:
        self._flags, self._store, self._masters, self._fatal = flags, store, masters, fatal
        self._subscription: Subscription | None = None
        self.framework_id: str | None = store.load("framework").get("id")
        self.master: str | None = None  # from when it is registered there

    def run(self, handle: Callable[[Json], None]) -> None:
        """Gives all events of all subscriptions, for ever. A `MesosError` of the handler ends a subscription."""
        redirected: str | None = None
        while True:
            leader = redirected or self._masters.leader()
            redirected = None
            if leader:
                subscription = self._subscription = Subscription(leader, self._credentials())
                try:
                    for event in subscription.events(self._framework_info()):
                        self._registration(event)
                        handle(event)
                    log.warning("the connection to %s ended", leader)
                except (MesosError, OSError, http.client.HTTPException) as error:
                    log.warning("%s: %s", leader, error)
                    redirected = subscription.master if subscription.master != leader else None
                finally:
                    self._subscription = self.master = None
                    subscription.close()
            time.sleep(0.5)

    def call(self, kind: str, **body: Any) -> None:
        """Tells the master something.

        Raises:
            MesosError: it cannot be reached, or refuses; or the framework is not registered.
        """
        subscription = self._subscription
        if not subscription:
            raise MesosError(f"{kind}: not registered")
        subscription.call(kind, **body)

    def leave(self) -> None:
        """Leaves the master, for the one that leads now."""
        if subscription := self._subscription:
            subscription.close()

    def _registration(self, event: Json) -> None:
        if event["type"] == "ERROR":
            message = event["error"]["message"]
            if "removed" in message:  # its failover timeout is over, or it was torn down: the next start is a new one
                self._store.remove("framework", "id")
            self._fatal(f"Mesos ended the framework: {message}")
        elif event["type"] == "SUBSCRIBED":
            framework_id = event["subscribed"]["framework_id"]["value"]
            if framework_id != self.framework_id:
                self._store.save("framework", "id", framework_id)
                self.framework_id = framework_id
            self.master = self._subscription.master if self._subscription else None
            log.info("registered with %s as framework %s", self.master, framework_id)

    def _credentials(self) -> str:
        flags = self._flags
        secret = flags.mesos_authentication_secret
        if flags.mesos_authentication_secret_file:
            secret = Path(flags.mesos_authentication_secret_file).read_text(encoding="utf-8").strip()
        return f"{flags.mesos_authentication_principal}:{secret}" if secret else ""

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
