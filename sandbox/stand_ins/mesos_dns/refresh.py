"""Reads the masters' state again and again, and keeps the names that were made of the last one."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from .config import Config
from .masters import Masters
from .records import Records, records_of
from .release import Release

log = logging.getLogger(__name__)

# The masters are asked directly, whatever the environment says about proxies.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Names:
    """The names that are served.

    Args:
        config: the configuration.
        release: the release of Mesos-DNS.
        fatal: ends the process with a message.
    """

    def __init__(self, config: Config, release: Release, fatal: Callable[[str], None]) -> None:
        self._config, self._release, self._fatal = config, release, fatal
        self._masters: Masters | None = None
        self._wake = threading.Event()
        self.loaded = threading.Event()
        self.records = Records()
        self.serial = 0

    def masters_changed(self, masters: Masters | None) -> None:
        """Note the masters. With none, the names stay as they are."""
        self._masters = masters
        self._wake.set()

    def run(self) -> None:
        """Refresh until the process ends: after each interval, and at once when another master leads."""
        last_leader = time.monotonic()
        patience = self._config.zkdetectiontimeout
        while True:
            self._wake.clear()
            if masters := self._masters:
                last_leader = time.monotonic()
                self.refresh(masters)
            elif patience and time.monotonic() - last_leader > patience:
                self._fatal(f"no leading master for {patience} s (zkDetectionTimeout)")
            self._wake.wait(self._config.refreshseconds if masters else 1)

    def refresh(self, masters: Masters) -> None:
        """Read the state once. If that fails, the names stay as they are."""
        url = f"http://{masters.leader}{self._release.state_path}"
        try:
            state = self._state(url)
        except (OSError, HTTPException, ValueError) as error:
            log.warning("no state from %s: %s", url, error)
            return
        self.records = records_of(state, self._config, self._release, [masters.leader, *masters.all])
        self.serial = int(time.time())
        self.loaded.set()

    def _state(self, url: str) -> dict[str, Any]:
        request = urllib.request.Request(url)
        if self._config.mesosauthentication:
            credentials = {key.lower(): value for key, value in self._config.mesoscredentials.items()}
            login = f"{credentials.get('principal', '')}:{credentials.get('secret', '')}"
            request.add_header("Authorization", f"Basic {b64encode(login.encode()).decode()}")
        with _open(request, timeout=self._config.statetimeoutseconds) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        if not found.get("leader"):
            raise ValueError("the master knows no leader")
        return found
