"""The leading master, reached through the engines of its machines, as a deploy reaches them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cdktf_mesos import scripts
from cdktf_mesos.container.names import MASTER
from cdktf_mesos.operations.drain.bare import Master, Refused, headers_of
from cdktf_mesos.operations.engine import engine_of
from cdktf_mesos.operations.status.self_report import run_script
from cdktf_mesos.operations.status.wanted import Wanted

# By their path, because importing role.probe starts Node.
_ROLE = Path(scripts.__file__).with_name("role")

_CALL = scripts.joined(_ROLE / "ask.sh", _ROLE / "tls.sh", Path(__file__).with_name("call.sh"))


class DistantMaster(Master):
    """The leading master of a cluster whose ports this computer need not reach.

    Each request runs in the container of a master, the first that answers.

    Args:
        masters: the masters.
        credential: principal and secret, if the masters require them.
        seconds: how long an answer may take.

    Raises:
        Refused: no master answers, or none knows a leader.
    """

    def __init__(self, masters: Sequence[Wanted], credential: tuple[str, str] | None, seconds: float) -> None:
        self._masters, self._seconds, self._headers = masters, seconds, headers_of(credential)
        self._scheme = "https" if any(each.tls for each in masters) else "http"
        reasons = ["the program has no masters"] if not masters else []
        for master in masters:
            self._url = f"{self._scheme}://{master.address}"
            try:
                if leader := self.state().get("leader_info"):
                    self._url = f"{self._scheme}://{leader['hostname']}:{leader['port']}"
                    return
                reasons.append(f"{master.address} knows no leading master")
            except Refused as refused:
                # A master that does not lead may redirect such a request (Mesos docs, /state).
                reasons.append(str(refused))
        raise Refused(reasons[-1])

    def _ask(self, path: str, body: object = None) -> bytes:
        address, reasons = urlsplit(self._url), []
        words = [str(address.hostname), str(address.port), path, *([] if body is None else [json.dumps(body)])]
        for master in self._masters:
            try:
                return self._call(master, words)
            except (RuntimeError, OSError) as problem:  # noqa: PERF203 (each is a request over the network)
                reasons.append(f"{master.container} on {master.host.name}: {problem}")
        raise Refused(f"{self._url}{path}: {'; '.join(reasons)}")

    def _call(self, master: Wanted, words: Sequence[str]) -> bytes:
        environment = {
            "AUTHORIZATION": self._headers.get("Authorization", ""),
            "TLS": master.tls,
            "TLS_SECONDS": f"{self._seconds:.0f}",
        }
        with engine_of(master.host, self._seconds) as client:
            answer = run_script(client, [master.container], _CALL, words, environment)
        head, _, content = (answer[1] if answer else "").partition("\r\n\r\n")
        status = re.match(r"HTTP/[0-9.]+ ([0-9]+)", head)
        if status is None:
            raise RuntimeError("no answer")
        if status[1] not in ("200", "202"):
            raise Refused(f"{self._scheme}://{words[0]}:{words[1]}{words[2]}: {status[1]}: {content.strip()}")
        return content.encode()


def masters_of(members: Sequence[Wanted]) -> list[Wanted]:
    """The masters among the members whose addresses are known."""
    return [each for each in members if each.role == MASTER and each.address]
