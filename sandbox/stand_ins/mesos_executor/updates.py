"""Status updates: keeps them until the agent acknowledges them, and sends them again until then."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

RETRY_INTERVAL = 10.0
"""Seconds between attempts, as in Mesos (status update manager: STATUS_UPDATE_RETRY_INTERVAL_MIN)."""


class Updates:
    """The updates of one task that are not yet acknowledged, in order."""

    def __init__(self, send: Callable[[Any], object]) -> None:
        """Set the function that sends an update, a StatusUpdate message."""
        self._send = send
        self._pending: dict[bytes, Any] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._retry, daemon=True).start()

    def add(self, update: Any) -> None:
        """Sends an update, and keeps it until it is acknowledged."""
        with self._changed:
            self._pending[update.uuid] = update
        self._send(update)

    def acknowledge(self, number: bytes) -> None:
        """Forgets the update with this uuid. An update may be acknowledged more than once."""
        with self._changed:
            self._pending.pop(number, None)
            self._changed.notify_all()

    def pending(self) -> list[Any]:
        """The updates that are not acknowledged."""
        with self._changed:
            return list(self._pending.values())

    def wait(self, timeout: float) -> bool:
        """Waits until all are acknowledged; returns whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending, timeout)

    def _retry(self) -> None:
        while True:
            time.sleep(RETRY_INTERVAL)
            for update in self.pending():
                self._send(update)


def fill_update(update: Any, state: str, text: str, **ids: str) -> None:
    """Fills a StatusUpdate message.

    Args:
        update: the empty message.
        state: the name of a TaskState.
        text: the update's message for people.
        ids: framework_id, executor_id, slave_id, task_id.
    """
    number, now = uuid.uuid4().bytes, time.time()
    update.timestamp, update.uuid = now, number
    status = update.status
    for holder in (update, status):
        holder.executor_id.value, holder.slave_id.value = ids["executor_id"], ids["slave_id"]
    update.framework_id.value, status.task_id.value = ids["framework_id"], ids["task_id"]
    fields = status.DESCRIPTOR.fields_by_name
    status.state = fields["state"].enum_type.values_by_name[state].number
    status.source = fields["source"].enum_type.values_by_name["SOURCE_EXECUTOR"].number
    status.message, status.timestamp, status.uuid = text, now, number
