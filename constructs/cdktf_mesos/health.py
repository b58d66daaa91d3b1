"""Health checks that mean "serves within its set", with nothing but bash, cat, grep and timeout in the image.

While a set is being formed its first members cannot serve yet. So a member that listens is healthy, too, as long as
fewer than a majority of the set can be reached at all.
"""

from __future__ import annotations

from collections.abc import Sequence

_OK = "^HTTP/[0-9.]+ 200"


def zookeeper(address: str, port: int, ensemble: Sequence[str]) -> list[str]:
    """`srvr` answers with a mode only while the server is in quorum (ZooKeeper administrator's guide)."""
    return _bash(_ask(address, port, "srvr", "^Mode: "), *_forming(address, port, ensemble))


def master(address: str, port: int, masters: Sequence[str], *, authenticated: bool) -> list[str]:
    """A master can be counted on once its replicated log has caught up (Mesos docs, monitoring).

    The oldest releases have no gauge for that; there it must do that the master has got as far as to have gauges. With
    `authenticate_http_readonly` only `/health` answers without a password.
    """
    if authenticated:
        return _bash(_get(address, port, "/health", _OK))
    snapshot = f"{_open(address, port)} && {_request('/metrics/snapshot')} && s=$(cat <&3)"
    # Older releases escape the slashes of a key.
    caught_up = r"[[ $s =~ elected ]] && [[ ! $s =~ recovered || $s =~ recovered\":1[^0-9] ]]"
    return _bash(f"({snapshot} && {caught_up})", *_forming(address, port, masters))


def agent(address: str, port: int, *, authenticated: bool) -> list[str]:
    """An agent serves while it is registered with the leading master (Mesos docs, monitoring).

    With `authenticate_http_readonly` only `/health` answers without a password.
    """
    if authenticated:
        return _bash(_get(address, port, "/health", _OK))
    return _bash(_get(address, port, "/metrics/snapshot", r'"slave.{1,2}registered":1[^0-9]'))


def marathon(address: str, port: int, *, authenticated: bool) -> list[str]:
    """An instance serves when it knows the leader, to which it hands requests on.

    With `--http_credentials` only `/ping` answers without a password; it says no more than that the instance is up.
    """
    return _bash(_get(address, port, "/ping" if authenticated else "/v2/leader", _OK))


def _bash(*alternatives: str) -> list[str]:
    return ["CMD", "bash", "-c", " || ".join(alternatives)]


def _open(address: str, port: int) -> str:
    return f"exec 3<>/dev/tcp/{address}/{port}"


def _ask(address: str, port: int, request: str, answer: str) -> str:
    return f"({_open(address, port)} && echo {request} >&3 && grep -q '{answer}' <&3)"


def _get(address: str, port: int, path: str, answer: str) -> str:
    return f"({_open(address, port)} && {_request(path)} && grep -Eq '{answer}' <&3)"


def _request(path: str) -> str:
    return f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3"


def _forming(address: str, port: int, members: Sequence[str]) -> list[str]:
    """True while this member listens and fewer than a majority of the set can be reached; a set of one is never so."""
    if len(members) == 1:
        return []
    # Older busybox wants -t; without a way to limit the time nothing can be said, and the member is not healthy.
    limit = "t='timeout 1'; $t true || t='timeout -t 1'; $t true"
    reach = f"$t bash -c 'exec 3<>/dev/tcp/$0/{port}' $peer"
    count = f"n=0; for peer in {' '.join(members)}; do {reach} && n=$((n+1)); done"
    return [f"({_open(address, port)} && {{ {limit}; }} && {{ {count}; [ $n -lt {len(members) // 2 + 1} ]; }})"]
