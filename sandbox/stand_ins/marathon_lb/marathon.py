"""Marathon's API: its apps, and the stream of its events."""

from __future__ import annotations

import base64
import http.client
import json
import logging
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

# Time limits of requests, and after how long without an event the stream is opened again, in seconds.
_CONNECT_SECONDS, _ANSWER_SECONDS, _SILENCE_SECONDS = 3.05, 46, 300
_EVENTS = ("api_post_event", "health_status_changed_event", "status_update_event")


class MarathonError(Exception):
    """No instance of Marathon gives a usable answer."""


class Marathon:
    """Marathon, at several URLs.

    Args:
        urls: the URLs of its instances.
        login: user and password, `user:password`; None if Marathon wants none.
        follows: whether the stream of events follows a redirect to the leader: from marathon-lb 1.12.3 on.
    """

    def __init__(self, urls: Sequence[str], login: str | None, *, follows: bool) -> None:
        self._urls, self._turn, self._follows = list(urls), cycle(urls), follows
        self._headers = {"User-Agent": "marathon-lb", "Accept": "application/json"}
        if login is not None:
            self._headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()

    def apps(self) -> list[dict[str, Any]]:
        """All apps with their tasks, from the first instance that answers."""
        for url in [*self._urls]:
            try:
                answer = self._get(url, "/v2/apps?embed=apps.tasks", _ANSWER_SECONDS)
                apps: list[dict[str, Any]] = json.loads(answer.read())["apps"]
            except (OSError, http.client.HTTPException, ValueError, KeyError) as problem:
                log.info("no apps from %s (%r), trying the next one", url, problem)
                continue
            at = self._urls.index(url)
            self._urls = self._urls[at:] + self._urls[:at]
            return apps
        raise MarathonError("no instance of Marathon answers")

    def events(self) -> Iterator[dict[str, Any]]:
        """The events that matter, from one instance after the other. Ends when the stream does."""
        url = next(self._turn)
        path = "/v2/events?plan-format=light&" + "&".join(f"event_type={event}" for event in _EVENTS)
        answer = self._get(url, path, _SILENCE_SECONDS, Accept="text/event-stream")
        if answer.status in (301, 302, 303, 307, 308) and self._follows:
            where = urlsplit(answer.headers["Location"])
            answer = self._get(
                f"{where.scheme}://{where.netloc}",
                f"{where.path}?{where.query}",
                _SILENCE_SECONDS,
                Accept="text/event-stream",
            )
        if answer.status != 200:
            raise MarathonError(f"{answer.status} {url}{path}")
        for line in answer:
            if line.startswith(b"data:") and line[5:].strip():
                event = json.loads(line[5:])
                if event["eventType"] in _EVENTS:
                    yield event

    def _get(self, url: str, path: str, seconds: float, **headers: str) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_CONNECT_SECONDS)
        connection.connect()
        connection.sock.settimeout(seconds)
        connection.request("GET", path, headers={**self._headers, **headers})
        return connection.getresponse()
